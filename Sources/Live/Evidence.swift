import Foundation
import Recognize
import Values

/// The best chips of a track by one method, encoded.
struct Evidence {
  private struct Sample {
    let probe: Probe
    let weight: Double
  }

  /// The maximum number of chips. More chips of the same face a moment later add no information.
  static let capacity = 8

  private var samples: [Sample] = []
  /// The mean of the chips' embeddings, weighted by their quality, for searches; nil if there are none.
  private(set) var mean: Probe?

  var count: Int { samples.count }
  /// The mean quality of the chips, 0…1; 0 if there are none.
  var quality: Double { samples.isEmpty ? 0 : samples.reduce(0) { $0 + $1.weight } / Double(samples.count) }

  /// Adds an encoded chip. At full capacity it replaces the worst chip, if it is better.
  ///
  /// - Parameter weight: The chip's quality, 0…1.
  mutating func add(_ probe: Probe, weight: Double) {
    let sample = Sample(probe: probe, weight: max(weight, 0.01))
    if samples.count < Self.capacity {
      samples.append(sample)
    } else if let worst = samples.indices.min(by: { samples[$0].weight < samples[$1].weight }),
      samples[worst].weight < sample.weight
    {
      samples[worst] = sample
    } else {
      return
    }
    let weights = samples.map(\.weight)
    mean = Probe(mean: samples.map(\.probe)) { Float(weights[$0]) }
  }
}

/// The chips of a track by all methods.
struct Appearance {
  private var parts: [RecognitionMethod: Evidence] = [:]

  /// The number of chips by a method.
  subscript(method: RecognitionMethod) -> Int { parts[method]?.count ?? 0 }
  /// The number of chips by all methods.
  var count: Int { parts.values.reduce(0) { $0 + $1.count } }
  /// The probes for a search: one for each method that has encoded the face.
  var probes: [Probe] {
    RecognitionMethod.allCases.compactMap { parts[$0]?.mean }
  }

  /// The mean of the chips by a method; nil if there are none.
  func mean(_ method: RecognitionMethod) -> Probe? { parts[method]?.mean }
  /// The mean quality of the chips by a method, 0…1.
  func quality(_ method: RecognitionMethod) -> Double { parts[method]?.quality ?? 0 }

  mutating func add(_ probes: [Probe], weight: Double) {
    for probe in probes { parts[probe.method, default: Evidence()].add(probe, weight: weight) }
  }

  /// The smallest distance in dlib's space to the probes of another face.
  ///
  /// Probes by the same method are compared. If there are none, probes by different methods are. Nil if one of the
  /// faces was not encoded.
  func distance(to probes: [Probe]) -> Double? {
    let own = self.probes
    let pairs = own.flatMap { mine in probes.map { (mine, $0) } }
    let alike = pairs.filter { $0.0.method == $0.1.method }
    return (alike.isEmpty ? pairs : alike).map { Double($0.0.embedding.distance(to: $0.1.embedding)) }.min()
  }
}
