import Foundation
import Recognize
import Values

/// What a track knows of its face by one method: the best of its chips, encoded.
struct Evidence {
  private struct Sample {
    let embedding: Embedding
    let weight: Double
  }

  /// Chips that are kept. More of the same face a moment later say nothing new.
  static let capacity = 8

  private var samples: [Sample] = []
  /// The mean of the embeddings by their chips' quality: what is searched for; nil without any.
  private(set) var mean: Embedding?

  var count: Int { samples.count }

  /// Takes in an encoded chip, in the place of the worst one where there are enough.
  ///
  /// - Parameter weight: The chip's quality, 0…1.
  mutating func add(_ embedding: Embedding, weight: Double) {
    let sample = Sample(embedding: embedding, weight: max(weight, 0.01))
    if samples.count < Self.capacity {
      samples.append(sample)
    } else if let worst = samples.indices.min(by: { samples[$0].weight < samples[$1].weight }),
      samples[worst].weight < sample.weight
    {
      samples[worst] = sample
    } else {
      return
    }
    mean = Embedding(mean: samples.map(\.embedding)) { Float(samples[$0].weight) }
  }
}

/// What is known of a face by all methods.
struct Appearance {
  private var parts: [RecognitionMethod: Evidence] = [:]

  /// Chips by a method.
  subscript(method: RecognitionMethod) -> Int { parts[method]?.count ?? 0 }
  /// Chips by all methods.
  var count: Int { parts.values.reduce(0) { $0 + $1.count } }
  /// What is searched for: one probe for each method that has seen the face.
  var probes: [Probe] {
    RecognitionMethod.allCases.compactMap { method in
      parts[method]?.mean.map { Probe(embedding: $0, method: method) }
    }
  }

  mutating func add(_ probes: [Probe], weight: Double) {
    for probe in probes { parts[probe.method, default: Evidence()].add(probe.embedding, weight: weight) }
  }

  /// The distance in dlib's space to a face of now: by a method that has seen both, else between methods; nil where one
  /// has not been encoded.
  func distance(to probes: [Probe]) -> Double? {
    let own = self.probes
    let pairs = own.flatMap { mine in probes.map { (mine, $0) } }
    let alike = pairs.filter { $0.0.method == $0.1.method }
    return (alike.isEmpty ? pairs : alike).map { Double($0.0.embedding.distance(to: $0.1.embedding)) }.min()
  }
}
