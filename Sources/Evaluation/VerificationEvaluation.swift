public import Formats

/// One comparison of two pictures.
public struct VerificationTrial: Sendable, Equatable {
  /// The distance between the two templates, in the encoder's unit; nil if a face could not be acquired from one of the
  /// pictures.
  public let distance: Double?
  /// Whether both show the same person (a mated comparison trial).
  public let same: Bool
  /// The part of the set that the trial belongs to; nil if the set is not divided.
  public let fold: Int?

  /// A trial.
  public init(distance: Double?, same: Bool, fold: Int? = nil) {
    self.distance = distance
    self.same = same
    self.fold = fold
  }
}

/// Figures of one-to-one comparison (ISO/IEC 19795-1).
///
/// ```swift
/// let figures = try VerificationEvaluation([
///   VerificationTrial(distance: 0.31, same: true), VerificationTrial(distance: 0.42, same: true),
///   VerificationTrial(distance: 0.71, same: false), VerificationTrial(distance: 0.83, same: false),
/// ])
/// print(figures.accuracy, figures.equalErrorRate)
/// ```
///
/// A failure to acquire counts as a non-match. In a mated trial it is a false non-match, in a non-mated trial a true
/// non-match. All rates are therefore shares of all trials of their kind.
public struct VerificationEvaluation: Sendable, Equatable {
  /// A point of the curve of true accepts against false accepts.
  public struct OperatingPoint: Sendable, Equatable {
    /// The requested false accept rate, 0 to 1.
    public let target: Double
    /// The largest threshold whose false accept rate is at most the target. A pair matches if its distance is below it.
    public let threshold: Double
    /// The false accept rate at that threshold.
    public let falseAccepts: Proportion
    /// The true accept rate at that threshold (1 − false reject rate).
    public let trueAccepts: Proportion
  }

  /// The number of trials.
  public let pairs: Int
  /// The number of trials in which a face could not be acquired.
  public let failures: Int
  /// The accuracy, 0 to 1: the share of right decisions, averaged over the folds. Each fold is decided with the
  /// threshold that is right for most trials of the other folds.
  public let accuracy: Double
  /// The standard error of the accuracy: the sample standard deviation of the folds, divided by the square root of
  /// their number.
  public let accuracyStandardError: Double
  /// The share of right decisions over all folds together.
  public let decisions: Proportion
  /// The number of folds.
  public let folds: Int
  /// The equal error rate, 0 to 1: where the false accept rate and the false reject rate meet, interpolated between
  /// thresholds.
  ///
  /// If failures to acquire keep the two from meeting, it is the smallest rate that both stay within.
  public let equalErrorRate: Double
  /// The true accept rate at the false accept rates of 1e-2 and 1e-3.
  public let points: [OperatingPoint]

  /// Computes the figures.
  ///
  /// Trials with folds are judged by leaving one fold out. Trials without folds are dealt onto ten folds in their
  /// order, mated and non-mated ones separately, so that the same trials always give the same figures.
  ///
  /// - Throws: `EvaluationError` if there are fewer than two mated or two non-mated trials, if a distance is not a
  ///   number, if only some trials have a fold, or if there is only one fold.
  public init(_ trials: [VerificationTrial]) throws(EvaluationError) {
    guard trials.allSatisfy({ $0.distance?.isNaN != true }) else {
      throw EvaluationError("a pair's distance is not a number")
    }
    let mated = Self.ascending(trials.filter(\.same))
    let nonMated = Self.ascending(trials.filter { !$0.same })
    guard mated.count >= 2, nonMated.count >= 2 else {
      throw EvaluationError(
        "\(mated.count) pairs of the same person and \(nonMated.count) of different people: "
          + "verification needs at least two of each kind")
    }
    pairs = trials.count
    failures = trials.count { $0.distance == nil }
    equalErrorRate = Self.equalErrorRate(mated: mated, nonMated: nonMated)
    points = [1e-2, 1e-3].map { target in
      let threshold = Threshold.largest(for: nonMated, rate: target)
      return OperatingPoint(
        target: target, threshold: threshold,
        falseAccepts: Proportion(Threshold.matches(nonMated, below: threshold), of: nonMated.count),
        trueAccepts: Proportion(Threshold.matches(mated, below: threshold), of: mated.count))
    }
    let right = try Self.rightDecisions(trials)
    folds = right.count
    let shares = right.map(\.value)
    let mean = shares.reduce(0, +) / Double(shares.count)
    accuracy = mean
    let squares = shares.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    accuracyStandardError = (squares / Double(shares.count - 1) / Double(shares.count)).squareRoot()
    decisions = Proportion(right.map(\.count).reduce(0, +), of: trials.count)
  }

  /// The figures as JSON: first the keys `pairs`, `failures`, `accuracy`, `eer` and `tar`, then further ones. Intervals
  /// are 95 %.
  public var json: JSONValue {
    let keyed = { (value: (OperatingPoint) -> JSONValue) in
      JSONValue.object(points.map { .init("\($0.target)", value($0)) })
    }
    return [
      "pairs": .int(pairs), "failures": .int(failures), "accuracy": .double(accuracy), "eer": .double(equalErrorRate),
      "tar": keyed { .double($0.trueAccepts.value) }, "accuracy_standard_error": .double(accuracyStandardError),
      "accuracy_interval": .interval(decisions), "folds": .int(folds),
      "tar_interval": keyed { .interval($0.trueAccepts) }, "far": keyed { .double($0.falseAccepts.value) },
    ]
  }

  // MARK: Groups

  /// The figures of one group of trials, at a threshold that all groups share.
  public struct Group: Sendable, Equatable {
    /// The name of the group: what its trials have in common.
    public let name: String
    /// The number of trials in the group.
    public let pairs: Int
    /// The number of trials in which a face could not be acquired.
    public let failures: Int
    /// The share of mated trials that match; nil if there are none.
    public let trueAccepts: Proportion?
    /// The share of non-mated trials that match; nil if there are none.
    public let falseAccepts: Proportion?

    /// The figures as JSON: first the keys `pairs`, `failures`, `tar` and `far`, then further ones. Intervals are 95 %.
    public var json: JSONValue {
      [
        "pairs": .int(pairs), "failures": .int(failures), "tar": .optional(trueAccepts?.value),
        "far": .optional(falseAccepts?.value), "tar_interval": trueAccepts.map { .interval($0) } ?? .null,
        "far_interval": falseAccepts.map { .interval($0) } ?? .null,
      ]
    }
  }

  /// The figures of each group at one threshold, in the order of the group names.
  ///
  /// - Parameters:
  ///   - trials: Each trial with the name of its group.
  ///   - threshold: A pair matches if its distance is below the threshold.
  public static func groups(_ trials: [(group: String, trial: VerificationTrial)], threshold: Double) -> [Group] {
    Dictionary(grouping: trials, by: \.group).sorted { $0.key < $1.key }.map { name, members in
      func share(_ same: Bool) -> Proportion? {
        let kind = members.map(\.trial).filter { $0.same == same }
        return kind.isEmpty ? nil : Proportion(kind.count { ($0.distance ?? .infinity) < threshold }, of: kind.count)
      }
      return Group(
        name: name, pairs: members.count, failures: members.count { $0.trial.distance == nil },
        trueAccepts: share(true), falseAccepts: share(false))
    }
  }

  // MARK: Parts

  private static func ascending(_ trials: [VerificationTrial]) -> [Double] {
    trials.map { $0.distance ?? .infinity }.sorted()
  }

  /// Follows both error rates while the threshold rises past every distance.
  private static func equalErrorRate(mated: [Double], nonMated: [Double]) -> Double {
    let thresholds = Set(mated + nonMated).sorted()
    var last = (accepts: 0.0, rejects: 1.0)
    // The last threshold lies above all finite distances. The distances of failures are infinite.
    for threshold in thresholds.dropFirst() + (thresholds.last == .infinity ? [] : [.infinity]) {
      let accepts = Double(Threshold.matches(nonMated, below: threshold)) / Double(nonMated.count)
      let rejects = 1 - Double(Threshold.matches(mated, below: threshold)) / Double(mated.count)
      if accepts >= rejects {
        // The two lines between the last threshold and this one cross here.
        let gap = last.rejects - last.accepts
        let share = gap / (gap + accepts - rejects)
        return last.accepts + share * (accepts - last.accepts)
      }
      last = (accepts, rejects)
    }
    return last.rejects
  }

  // MARK: Folds

  /// For each fold, the share of its trials that the threshold of the other folds decides rightly.
  private static func rightDecisions(_ trials: [VerificationTrial]) throws(EvaluationError) -> [Proportion] {
    let folds = try divided(trials)
    return folds.indices.map { index in
      let threshold = bestThreshold(folds.indices.filter { $0 != index }.flatMap { folds[$0] })
      let right = folds[index].count { $0.same == (($0.distance ?? .infinity) < threshold) }
      return Proportion(right, of: folds[index].count)
    }
  }

  private static func divided(_ trials: [VerificationTrial]) throws(EvaluationError) -> [[VerificationTrial]] {
    let numbers = trials.compactMap(\.fold)
    if numbers.isEmpty {
      var dealt = [[VerificationTrial]](repeating: [], count: 10)
      for kind in [trials.filter(\.same), trials.filter { !$0.same }] {
        for (index, trial) in kind.enumerated() { dealt[index % dealt.count].append(trial) }
      }
      return dealt.filter { !$0.isEmpty }
    }
    guard numbers.count == trials.count else {
      throw EvaluationError(
        "\(trials.count - numbers.count) of \(trials.count) pairs have no fold: give every pair one, or none")
    }
    let folds = Dictionary(grouping: trials) { $0.fold ?? 0 }.sorted { $0.key < $1.key }.map(\.value)
    guard folds.count > 1 else {
      throw EvaluationError("all pairs are in one fold: leaving one out needs at least two, or leave out the column")
    }
    return folds
  }

  /// The threshold that decides most trials rightly, half-way between two distances. The lowest of equally good ones.
  private static func bestThreshold(_ trials: [VerificationTrial]) -> Double {
    let acquired = trials.compactMap { trial in trial.distance.map { (distance: $0, same: trial.same) } }
      .sorted { $0.distance < $1.distance }
    var best = (right: 0, threshold: -Double.infinity)
    var right = 0
    for (index, trial) in acquired.enumerated() {
      // Counted relative to a threshold below all distances, which accepts no pair.
      right += trial.same ? 1 : -1
      let next = index + 1 < acquired.count ? acquired[index + 1].distance : .infinity
      if right > best.right && next > trial.distance {
        best = (right, next.isFinite ? trial.distance + (next - trial.distance) / 2 : .infinity)
      }
    }
    return best.threshold
  }
}

extension JSONValue {
  static func interval(_ share: Proportion) -> JSONValue {
    [.double(share.interval.lowerBound), .double(share.interval.upperBound)]
  }
}
