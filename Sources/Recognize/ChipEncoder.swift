package import Vision

/// A network that turns pictures of faces into embeddings.
package final class ChipEncoder: Sendable {
  /// The number of pictures in one call of the network. More are not faster, and memory grows with the number.
  private static let batch = 16

  private let network: Network
  private let side: Int
  private let dimensions: Int

  /// Loads a network.
  ///
  /// - Parameters:
  ///   - side: The length of a side of its pictures, in pixels.
  ///   - dimensions: The dimensions of its space.
  /// - Throws: `VisionError` with code `model`.
  package init(
    _ file: Models.File, side: Int = Chip.side, dimensions: Int = Embedding.count, models: Models,
    options: Network.Options
  ) throws(VisionError) {
    network = try Network(contentsOf: models.url(file), typical: [4, side, side, 3], options: options)
    self.side = side
    self.dimensions = dimensions
  }

  /// One embedding per picture, in order.
  ///
  /// - Parameter pictures: Red, green and blue, `side` rows of `side` pixels each.
  package func encode(_ pictures: [[UInt8]]) throws(VisionError) -> [Embedding] {
    var embeddings: [Embedding] = []
    for start in stride(from: 0, to: pictures.count, by: Self.batch) {
      embeddings += try encodeBatch(pictures[start..<min(start + Self.batch, pictures.count)])
    }
    return embeddings
  }

  private func encodeBatch(_ pictures: ArraySlice<[UInt8]>) throws(VisionError) -> [Embedding] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pictures.count * side * side * 3)
    for picture in pictures { bytes += picture }
    let output = try bytes.withUnsafeBufferPointer { (bytes) throws(VisionError) in
      try network.run(bytes, shape: [pictures.count, side, side, 3])
    }
    let embeddings = stride(from: 0, to: output.values.count, by: dimensions).compactMap {
      Embedding(Array(output.values[$0..<min($0 + dimensions, output.values.count)]), dimensions: dimensions)
    }
    guard embeddings.count == pictures.count else {
      throw VisionError(.model, while: "encode faces", "the network gave \(output.shape) for \(pictures.count) faces")
    }
    return embeddings
  }
}
