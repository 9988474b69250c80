import Foundation
import TestResources
import Testing

@testable import Recognize

@Suite("The metric of covered faces")
struct MetricTests {
  /// Differences that are ten times larger along (1, 1, 0 …) than elsewhere.
  private func differences() -> [[Float]] {
    var generator = SeededGenerator(seed: 8)
    return (0..<4000).map { _ in
      var values = (0..<Embedding.count).map { _ in Float.random(in: -0.1...0.1, using: &generator) }
      let along = Float.random(in: -1...1, using: &generator)
      values[0] += along
      values[1] += along
      return values
    }
  }

  private func length(_ values: [Float], _ metric: [Float]) throws -> Float {
    let zero = try #require(Embedding([Float](repeating: 0, count: Embedding.count)))
    return try #require(Embedding(values)).multiplied(by: metric).distance(to: zero)
  }

  @Test("the direction in which a person's photos differ counts for little, the others for more")
  func directions() throws {
    let metric = metric(of: differences())
    let half = Float(0.5).squareRoot()
    func direction(_ values: Float...) throws -> Float {
      try length(values + [Float](repeating: 0, count: Embedding.count - values.count), metric)
    }
    let along = try direction(half, half)
    let across = try direction(half, -half)
    let elsewhere = try direction(0, 0, 0, 1)
    #expect(along < across / 4)
    #expect(abs(across / elsewhere - 1) < 0.1)
    #expect(elsewhere > 1)
  }

  @Test("no differences leave distances as they are")
  func none() throws {
    let values = (0..<Embedding.count).map { Float($0) / 100 }
    let zero = [Float](repeating: 0, count: Embedding.count)
    #expect(abs(try length(values, metric(of: [])) - length(values, [])) < 1e-5)
    #expect(abs(try length(values, metric(of: [zero, zero])) - length(values, [])) < 1e-5)
  }
}
