import Mask
public import Recognize

extension Models {
  /// The files without which the program does not start.
  public static let files: [File] = [
    .faceDetector, .faceDetectorParameters, .faceLandmarks, .faceEncoder, .faceImpostors, .periocularEncoder,
    .periocularImpostors, .maskClassifier, .maskClassifierParameters,
  ]

  /// The files of the second encoder. Without them, faces are compared in dlib's space alone.
  public static let secondEncoderFiles: [File] = [.secondEncoder, .secondImpostors]
}
