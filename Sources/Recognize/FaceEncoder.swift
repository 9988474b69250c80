import Foundation
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
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] { try encoder.encode(chips.map(\.rgb)) }
}

/// The second encoder: FaceNet, which turns whole heads into points in a space of 512 dimensions.
///
/// It has seen more people than dlib's encoder, and covered faces keep more of their place in its space. It gives a
/// second opinion on every comparison. It is optional: without its file, dlib's space is used alone.
/// models/second-encoder.md describes its origin and its accuracy.
public final class SecondEncoder: Sendable {
  /// The name of the space.
  public static let identifier = "facenet-v2"
  /// The dimensions of the space. Embeddings have unit length.
  public static let dimensions = 512

  private let encoder: ChipEncoder

  /// Loads the network; nil if its file was taken away.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init?(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    guard models.hasSecondEncoder else { return nil }
    encoder = try ChipEncoder(
      .secondEncoder, side: Chip.headSide, dimensions: Self.dimensions, models: models, options: options)
  }

  /// One embedding per chip, in order. Any number of chips is accepted; about sixteen at a time are the fastest.
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] { try encoder.encode(chips.map(\.head)) }
}

extension Models {
  /// Whether the second encoder is installed.
  public var hasSecondEncoder: Bool { FileManager.default.fileExists(atPath: url(.secondEncoder).path) }
}

extension Models.File {
  /// The second encoder.
  public static let secondEncoder = Models.File(rawValue: "second-encoder.onnx")
  /// The impostor model of comparisons with the second encoder.
  public static let secondImpostors = Models.File(rawValue: "second-impostors.json")
}
