public import Vision

/// dlib's face encoder: chips in, points in its 128-d space out.
public final class FaceEncoder: Sendable {
  /// Names the space; a template carries it, so that no two spaces are ever compared.
  public static let identifier = "dlib-resnet-v1"

  private let encoder: ChipEncoder

  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    encoder = try ChipEncoder(.faceEncoder, models: models, options: options)
  }

  /// One embedding per chip, in order. Sixteen or so at a time are the fastest; any number is taken.
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] { try encoder.encode(chips) }
}
