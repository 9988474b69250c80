public import Vision

/// dlib's face encoder: it turns chips into points in dlib's 128-dimensional space.
public final class FaceEncoder: Sendable {
  /// The name of the space. Each template carries it, so that embeddings of two spaces are never compared.
  public static let identifier = "dlib-resnet-v1"

  private let encoder: ChipEncoder

  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    encoder = try ChipEncoder(.faceEncoder, models: models, options: options)
  }

  /// One embedding per chip, in order. Any number of chips is accepted; about sixteen at a time are the fastest.
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] { try encoder.encode(chips) }
}
