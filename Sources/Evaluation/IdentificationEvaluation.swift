public import Formats

/// One search of a gallery for a probe.
public struct IdentificationTrial: Sendable, Equatable {
  /// Whether the person of the probe is enrolled (a mated search). Otherwise the probe is a distractor.
  public let mated: Bool
  /// The distance to the nearest person in the gallery, in the encoder's unit; nil if no face could be acquired.
  public let distance: Double?
  /// Whether the nearest person is the person of the probe.
  public let correct: Bool
  /// Whether the program names the nearest person at its own threshold, which it derives itself.
  public let named: Bool

  /// A search for a person who is enrolled.
  public static func mated(distance: Double?, correct: Bool, named: Bool = false) -> IdentificationTrial {
    IdentificationTrial(
      mated: true, distance: distance, correct: correct && distance != nil, named: named && distance != nil)
  }

  /// A search for a person who is not enrolled.
  public static func distractor(distance: Double?, named: Bool = false) -> IdentificationTrial {
    IdentificationTrial(mated: false, distance: distance, correct: false, named: named && distance != nil)
  }
}

/// Figures of one-to-many search in an open set (ISO/IEC 19795-1).
///
/// ```swift
/// let figures = try IdentificationEvaluation([
///   .mated(distance: 0.31, correct: true, named: true), .mated(distance: 0.62, correct: false),
///   .distractor(distance: 0.58), .distractor(distance: 0.71),
/// ])
/// print(figures.rank1.value, figures.deployedMisses.value)
/// ```
///
/// A failure to acquire counts as a search. For an enrolled person it is a miss. For a distractor it is not a false
/// positive.
public struct IdentificationEvaluation: Sendable, Equatable {
  /// A point of the curve of FNIR against FPIR.
  public struct OperatingPoint: Sendable, Equatable {
    /// The requested false-positive identification rate, 0 to 1.
    public let target: Double
    /// The largest threshold whose FPIR is at most the target. A search names a person if the distance is below it.
    public let threshold: Double
    /// FPIR at that threshold: the share of distractor searches that name a person.
    public let falsePositives: Proportion
    /// FNIR at that threshold: the share of mated searches in which the right person is not the nearest below it.
    public let misses: Proportion
  }

  /// The number of searches.
  public let probes: Int
  /// The number of searches for people who are not enrolled.
  public let distractors: Int
  /// The number of searches whose probe had no face.
  public let failures: Int
  /// The share of mated searches whose nearest person is the right one, at any distance.
  public let rank1: Proportion
  /// The operating point at an FPIR of 1e-2; nil if there are no distractors.
  public let point: OperatingPoint?
  /// FNIR at the program's own threshold: the share of mated searches in which it does not name the right person.
  public let deployedMisses: Proportion
  /// FPIR at the program's own threshold: the share of distractor searches in which it names a person; nil if there are
  /// no distractors.
  public let deployedFalsePositives: Proportion?

  /// Computes the figures.
  ///
  /// - Parameter trials: The searches, with all distances on one scale.
  /// - Throws: `EvaluationError` if there is no mated search, or if a distance is not a number.
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

  /// The figures as JSON: first the keys `probes`, `failures`, `rank1` and `fnir`, then further ones. Intervals are 95
  /// %. Figures that need distractors are `null` if there are none.
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
