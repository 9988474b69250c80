public import Mask
public import Recognize
public import Vision

/// The networks that a live view needs; all cameras share them.
public struct Engine: Sendable {
  /// Finds faces.
  public let recognizer: Recognizer
  /// Says what covers them.
  public let masks: MaskClassifier
  /// Encodes them by what covers them.
  public let encoder: ProbeEncoder

  /// Loads the networks.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    recognizer = try Recognizer(models: models, options: options)
    masks = try MaskClassifier(models: models, options: options)
    encoder = ProbeEncoder(
      face: recognizer.encoder, periocular: try PeriocularEncoder(models: models, options: options))
    try warmUp()
  }

  /// Runs every network once with each number of faces that a picture may bring: the first time takes many times longer, and would
  /// hold up the first people at the door.
  private func warmUp() throws(VisionError) {
    let empty = try Image(rgb: [UInt8](repeating: 128, count: 1280 * 720 * 3), width: 1280, height: 720)
    let options = Watcher.detection(in: empty, minimumFace: nil)
    _ = try recognizer.detector.detect(in: empty, options: options)
    let landmarks = try recognizer.aligner.landmarks(in: empty, box: Rect(x: 500, y: 300, width: 150, height: 150))
    let chip = try recognizer.aligner.chip(of: empty, landmarks)
    for count in 1...Watcher.facesPerPicture {
      let statuses = try masks.classify(Array(repeating: landmarks, count: count), in: empty)
      for method in RecognitionMethod.allCases {
        _ = try encoder.probes(of: Array(repeating: chip, count: count), statuses, only: method)
      }
    }
  }
}
