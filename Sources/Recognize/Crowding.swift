import Foundation

/// A measure of how crowded an encoder's space is at each place: the mean distance to the nearest of a cohort's
/// centres.
package struct Crowding: Sendable {
  package struct Parameters: Codable, Sendable {
    /// Centres of groups of faces: little-endian 32-bit floats, one after the other, as base64.
    package let centres: String?
    /// The number of nearest centres that measure how crowded a place is.
    package let nearest: Int
    /// The share of the crowding that is subtracted from a distance.
    package let share: Double
    /// The crowding that does not change distances.
    package let mean: Double

    package init(centres: String?, nearest: Int, share: Double, mean: Double) {
      (self.centres, self.nearest, self.share, self.mean) = (centres, nearest, share, mean)
    }
  }

  package let parameters: Parameters
  private let centres: [Embedding]

  /// Nil if the parameters contradict each other.
  ///
  /// - Parameters:
  ///   - text: The centres as base64.
  ///   - metric: Multiplies the centres; see `Embedding.multiplied(by:)`.
  package init?(_ parameters: Parameters, centres text: String?, dimensions: Int, metric: [Float] = []) {
    let numbers = [Float](base64: text)
    let centres = stride(from: 0, to: numbers.count, by: dimensions).compactMap {
      Embedding(Array(numbers[$0..<min($0 + dimensions, numbers.count)]), dimensions: dimensions)?
        .multiplied(by: metric)
    }
    guard !centres.isEmpty, centres.count * dimensions == numbers.count,
      (1...centres.count).contains(parameters.nearest)
    else { return nil }
    self.parameters = parameters
    self.centres = centres
  }

  /// An embedding with the correction for its place.
  package func place(_ embedding: Embedding) -> PlacedEmbedding {
    let nearest = centres.map { embedding.distance(to: $0) }.sorted().prefix(parameters.nearest)
    let density = Double(nearest.reduce(0, +)) / Double(parameters.nearest)
    return PlacedEmbedding(
      embedding: embedding, correction: Float(parameters.share * (density - parameters.mean) / 2))
  }
}

extension [Float] {
  /// Little-endian 32-bit floats; none without a text.
  init(base64 text: String?) {
    let bytes = text.flatMap { Data(base64Encoded: $0) } ?? Data()
    self = stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      bytes.withUnsafeBytes {
        Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
      }
    }
  }
}
