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
  }
}
