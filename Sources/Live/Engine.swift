public import Mask
public import Recognize
public import Vision

/// The networks that live views and still pictures need; all cameras share them.
public struct Engine: Sendable {
  /// Finds faces.
  public let recognizer: Recognizer
  /// Says what covers them.
  public let masks: MaskClassifier
  /// Encodes covered ones.
  public let periocular: PeriocularEncoder
  /// Encodes them by what covers them.
  public let encoder: ProbeEncoder

  /// Loads the networks, and makes them ready for live pictures.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    self.init(
      recognizer: try Recognizer(models: models, options: options),
      masks: try MaskClassifier(models: models, options: options),
      periocular: try PeriocularEncoder(models: models, options: options))
    try warmUp()
  }

  /// An engine of networks that are loaded already, for still pictures: each takes longer the first time.
  public init(recognizer: Recognizer, masks: MaskClassifier, periocular: PeriocularEncoder) {
    self.recognizer = recognizer
    self.masks = masks
    self.periocular = periocular
    encoder = ProbeEncoder(face: recognizer.encoder, periocular: periocular)
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
