import Mask
public import Recognize

extension Models {
  /// All files that the program loads.
  public static let files: [File] = [
    .faceDetector, .faceDetectorParameters, .faceLandmarks, .faceEncoder, .faceImpostors, .periocularEncoder,
    .periocularImpostors, .maskClassifier, .maskClassifierParameters,
  ]
}
