import TestResources
import Testing

@testable import Recognize

/// An embedding of random values.
func random(_ generator: inout SeededGenerator, dimensions: Int = Embedding.count) throws -> Embedding {
  let values = (0..<dimensions).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
  return try #require(Embedding(values, dimensions: dimensions))
}

@Suite("One column of a gallery")
struct ColumnTests {
  @Test("a search on several processors finds what one template after the other gives")
  func parallel() throws {
    var generator = SeededGenerator(seed: 6)
    let dimensions = SecondEncoder.dimensions
    let places = try (0..<300).map { _ in
      PlacedEmbedding(embedding: try random(&generator, dimensions: dimensions), correction: 0)
    }
    // 20 MB: enough for several threads. Each place is there 33 times, so that ties are decided too.
    var column = Column(dimensions: dimensions)
    for index in 0..<10_000 { column.append(places[index % places.count], Int32(index)) }
    let probe = PlacedEmbedding(embedding: try random(&generator, dimensions: dimensions), correction: 0)
    var one = Shortlist(50)
    let distances = places.map { $0.distance(to: probe) }
    for index in 0..<10_000 { one.offer(Int32(index), distances[index % places.count]) }
    #expect(column.nearest(to: probe, 50) == one.templates)
  }
}
