public import Formats

/// A search of a gallery for a probe.
public struct IdentificationTrial: Sendable, Equatable {
  /// Whether the probe's person is enrolled (a mated search). A probe whose person is not is a distractor.
  public let mated: Bool
  /// The distance to the nearest person in the gallery, in the encoder's unit; nil if no face could be acquired.
  public let distance: Double?
  /// Whether the nearest person is the probe's.
  public let correct: Bool
  /// Whether the program names the nearest person, at the threshold that it derives itself.
  public let named: Bool

  /// A search for somebody who is enrolled.
  public static func mated(distance: Double?, correct: Bool, named: Bool = false) -> IdentificationTrial {
    IdentificationTrial(
      mated: true, distance: distance, correct: correct && distance != nil, named: named && distance != nil)
  }

  /// A search for somebody who is not.
  public static func distractor(distance: Double?, named: Bool = false) -> IdentificationTrial {
    IdentificationTrial(mated: false, distance: distance, correct: false, named: named && distance != nil)
  }
}

/// Figures of one-to-many search in an open set (ISO/IEC 19795-1).
///
/// A failure to acquire is a miss for an enrolled person and no false positive for a distractor, and counts as a search in both.
public struct Identification: Sendable, Equatable {
  /// A point of the curve of misses against false positives.
  public struct OperatingPoint: Sendable, Equatable {
    /// The false-positive identification rate that was asked for.
    public let target: Double
    /// The largest threshold whose FPIR is not above the target. A search gives somebody if the distance is below it.
    public let threshold: Double
    /// FPIR at that threshold: distractor searches that give anybody.
    public let falsePositives: Proportion
    /// FNIR at that threshold: mated searches that do not give the right person as the nearest below the threshold.
    public let misses: Proportion
  }

  /// All searches.
  public let probes: Int
  /// Searches for people who are not enrolled.
  public let distractors: Int
  /// Searches whose probe had no face.
  public let failures: Int
  /// Mated searches whose nearest person is the right one, at any distance.
  public let rank1: Proportion
  /// FNIR at an FPIR of 1e-2; nil without distractors.
  public let point: OperatingPoint?
  /// FNIR at the threshold that the program derives itself: mated searches in which it does not name the right person.
  public let deployedMisses: Proportion
  /// FPIR there: distractor searches in which it names anybody; nil without distractors.
  public let deployedFalsePositives: Proportion?

  /// Computes the figures.
  ///
  /// - Parameter trials: with distances on one scale.
  /// - Throws: `EvaluationError` when there is no mated search, or a distance is no number.
  public init(_ trials: [IdentificationTrial]) throws(EvaluationError) {
    guard trials.allSatisfy({ $0.distance?.isNaN != true }) else {
      throw EvaluationError("a probe's distance is not a number")
    }
    let mated = trials.filter(\.mated)
    guard !mated.isEmpty else {
      throw EvaluationError(
        "no probe shows an enrolled person: the probes' folders must have the same names as the enrolled ones")
    }
    probes = trials.count
    distractors = trials.count - mated.count
    failures = trials.count { $0.distance == nil }
    rank1 = Proportion(mated.count(where: \.correct), of: mated.count)
    deployedMisses = Proportion(mated.count { !($0.named && $0.correct) }, of: mated.count)
    deployedFalsePositives =
      distractors > 0 ? Proportion(trials.count { !$0.mated && $0.named }, of: distractors) : nil
    let strangers = trials.filter { !$0.mated }.map { $0.distance ?? .infinity }.sorted()
    guard !strangers.isEmpty else {
      point = nil
      return
    }
    let threshold = Threshold.largest(for: strangers, rate: 1e-2)
    let found = mated.count { $0.correct && ($0.distance ?? .infinity) < threshold }
    point = OperatingPoint(
      target: 1e-2, threshold: threshold,
      falsePositives: Proportion(Threshold.matches(strangers, below: threshold), of: strangers.count),
      misses: Proportion(mated.count - found, of: mated.count))
  }

  /// The keys `probes`, `failures`, `rank1` and `fnir`, then more; intervals are 95 %, and figures that need distractors `null` without.
  public var json: JSONValue {
    let key = "0.01"
    return [
      "probes": .int(probes), "failures": .int(failures), "rank1": .double(rank1.value),
      "fnir": .object([.init(key, .optional(point?.misses.value))]), "distractors": .int(distractors),
      "rank1_interval": .interval(rank1),
      "fnir_interval": .object([.init(key, point.map { .interval($0.misses) } ?? .null)]),
      "fpir": .object([.init(key, .optional(point?.falsePositives.value))]),
      "deployed": [
        "fnir": .double(deployedMisses.value), "fnir_interval": .interval(deployedMisses),
        "fpir": .optional(deployedFalsePositives?.value),
        "fpir_interval": deployedFalsePositives.map { .interval($0) } ?? .null,
      ],
    ]
  }
}
