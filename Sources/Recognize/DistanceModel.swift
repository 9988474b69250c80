import Foundation

/// Two normal distributions: of corrected distances between strangers, and between pictures of one person.
public struct DistanceModel: Sendable, Equatable {
  struct Normal: Decodable, Equatable {
    let mean: Double
    let deviation: Double
    /// The number of pairs of faces that it was measured on.
    let pairs: Int
  }

  let strangers: Normal
  let genuine: Normal

  var isUsable: Bool { strangers.deviation > 0 && genuine.deviation > 0 }

  /// The difference of a corrected distance from the mean of strangers, in standard deviations of strangers.
  ///
  /// It is far below 0 for faces of one person. In this unit, distances of all models can be compared.
  public func deviations(at distance: Double) -> Double { (distance - strangers.mean) / strangers.deviation }

  /// The probability that a stranger's face lies at this corrected distance or nearer, 0…1.
  public func falseMatchRate(at distance: Double) -> Double {
    erfc((strangers.mean - distance) / (strangers.deviation * 2.0.squareRoot())) / 2
  }

  /// The largest corrected distance at which searches by strangers name a person no more often than wanted.
  ///
  /// - Parameters:
  ///   - gallery: The number of templates that a probe is compared with.
  ///   - fpir: The wanted false-positive identification rate, 0…1: the share of searches by people who are not enrolled
  ///     that name a person.
  public func threshold(gallery: Int, fpir: Double) -> Double {
    // A search is `gallery` comparisons. A stranger's search is right only if all of them fail.
    let rate = -expm1(log1p(-min(max(fpir, 1e-12), 0.999_999)) / Double(max(1, gallery)))
    // Fused distances may be below 0.
    var (lower, upper) = (strangers.mean - 40 * strangers.deviation, strangers.mean + 10 * strangers.deviation)
    for _ in 0..<60 {
      let middle = (lower + upper) / 2
      if falseMatchRate(at: middle) <= rate { lower = middle } else { upper = middle }
    }
    return lower
  }

  /// The probability, 0…1, that the nearest person of a gallery is the person in the picture.
  ///
  /// It is computed from the densities of genuine and stranger distances, for the case that half of the probes are of
  /// enrolled people.
  public func confidence(distance: Double, gallery: Int) -> Double {
    // Below the mean of genuine pairs and above the mean of strangers, the densities stay at their value at the mean. A
    // nearer face is thus never less genuine, and a farther one never less strange.
    let own = density(of: max(distance, genuine.mean), genuine)
    let others = Double(max(1, gallery)) * density(of: min(distance, strangers.mean), strangers)
    return own / (own + others)
  }

  private func density(of distance: Double, _ normal: Normal) -> Double {
    let z = (distance - normal.mean) / normal.deviation
    return exp(-z * z / 2) / normal.deviation
  }
}
