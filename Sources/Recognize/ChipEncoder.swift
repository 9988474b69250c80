package import Vision

/// A network that turns chips into points in dlib's space, from the whole face or a part of it.
package final class ChipEncoder: Sendable {
  /// The number of chips in one call of the network. More are not faster, and memory grows with the number.
  private static let batch = 16

  private let network: Network

  /// - Throws: `VisionError` with code `model`.
  package init(_ file: Models.File, models: Models, options: Network.Options) throws(VisionError) {
    network = try Network(contentsOf: models.url(file), options: options)
  }

  /// One embedding per chip, in order.
  package func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] {
    var embeddings: [Embedding] = []
    for start in stride(from: 0, to: chips.count, by: Self.batch) {
      embeddings += try encodeBatch(chips[start..<min(start + Self.batch, chips.count)])
    }
    return embeddings
  }

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
