import Foundation
import Vision

/// dlib's face encoder: chips in, points in its 128-d space out.
public final class FaceEncoder: Sendable {
  /// Names the space; a template carries it, so that no two spaces are ever compared.
  public static let identifier = "dlib-resnet-v1"

  private let network: Network

  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    network = try Network(contentsOf: models.url(.faceEncoder), options: options)
  }

  /// One embedding per chip, in order. Sixteen or so at a time are the fastest; any number is taken.
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] {
    var embeddings: [Embedding] = []
    for start in stride(from: 0, to: chips.count, by: FaceEncoder.batch) {
      embeddings += try encodeBatch(chips[start..<min(start + FaceEncoder.batch, chips.count)])
    }
    return embeddings
  }

  /// Chips in one call of the network; more are not faster, and memory grows with it.
  private static let batch = 16

  private func encodeBatch(_ chips: ArraySlice<Chip>) throws(VisionError) -> [Embedding] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(chips.count * Chip.side * Chip.side * 3)
    for chip in chips { bytes += chip.rgb }
    let output = try bytes.withUnsafeBufferPointer { (bytes) throws(VisionError) in
      try network.run(bytes, shape: [chips.count, Chip.side, Chip.side, 3])
    }
    let embeddings = stride(from: 0, to: output.values.count, by: Embedding.count).compactMap {
      Embedding(Array(output.values[$0..<min($0 + Embedding.count, output.values.count)]))
    }
    guard embeddings.count == chips.count else {
      throw VisionError(.model, while: "encode faces", "the network gave \(output.shape) for \(chips.count) chips")
    }
    return embeddings
  }
}
