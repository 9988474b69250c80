public import Faces
import Mask
import Recognize
import Values
public import Vision

extension FaceEngine {
  /// Runs every network once with each number of faces that a picture may have.
  ///
  /// The first run takes many times longer and would delay the first people at the door.
  ///
  /// - Throws: `VisionError` when a network fails.
  public func prepareForCameras() throws(VisionError) {
    let empty = try Image(rgb: [UInt8](repeating: 128, count: 1280 * 720 * 3), width: 1280, height: 720)
    let options = Tracker.detection(in: empty, minimumFace: nil)
    _ = try recognizer.detector.detect(in: empty, options: options)
    let place = Detection(box: Rect(x: 500, y: 300, width: 150, height: 150), score: 1)
    let landmarks = try recognizer.aligner.landmarks(in: empty, box: place.box)
    let chip = try recognizer.aligner.chip(of: empty, landmarks, head: place.head)
    for count in 1...Tracker.facesPerPicture {
      let statuses = try masks.classify(Array(repeating: landmarks, count: count), in: empty)
      for method in RecognitionMethod.allCases {
        _ = try encoder.probes(of: Array(repeating: chip, count: count), statuses.map(\.label), only: method)
      }
    }
  }
}
