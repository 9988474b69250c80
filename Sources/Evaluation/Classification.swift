public import Formats

/// Figures of sorting examples into classes: who was taken for what.
///
/// An example that got no answer (a missed face) is wrong: it counts in every recall and in the accuracy, and in no precision.
public struct Classification: Sendable, Equatable {
  /// A figure put together from several shares, with its 95 % interval.
  public struct Mean: Sendable, Equatable {
    /// The mean of the shares, 0 to 1.
    public let value: Double
    /// By MOVER (Zou and Donner 2008) from Wilson's intervals of the shares.
    public let interval: ClosedRange<Double>

    init(_ shares: [Proportion]) {
      let weight = 1 / Double(shares.count)
      let mean = shares.reduce(0) { $0 + $1.value } * weight
      func distance(_ end: (Proportion) -> Double) -> Double {
        shares.reduce(0) { sum, share in
          let part = weight * (end(share) - share.value)
          return sum + part * part
        }.squareRoot()
      }
      let (below, above) = (distance(\.interval.lowerBound), distance(\.interval.upperBound))
      value = mean
      interval = max(0, mean - below)...min(1, mean + above)
    }
  }

  /// The classes, in the order of tables.
  public let classes: [String]
  /// How many examples there are, those without an answer included.
  public let total: Int
  /// How many got no answer.
  public let missed: Int
  /// The share that was given its own class.
  public let accuracy: Proportion
  /// By class, then by what it was taken for; the last of each row is the number that got no answer.
  private let counts: [[Int]]

  /// Counts.
  ///
  /// - Parameters:
  ///   - outcomes: each example's class and what it was taken for, nil for no answer.
  ///   - classes: all there are; every outcome names these only.
  /// - Returns: nil when there is no outcome.
  init?(_ outcomes: [(truth: Int, predicted: Int?)], classes: [String]) {
    guard !outcomes.isEmpty else { return nil }
    var counts = Array(repeating: Array(repeating: 0, count: classes.count + 1), count: classes.count)
    for outcome in outcomes { counts[outcome.truth][outcome.predicted ?? classes.count] += 1 }
    self.classes = classes
    self.counts = counts
    total = outcomes.count
    missed = outcomes.count { $0.predicted == nil }
    accuracy = Proportion(classes.indices.reduce(0) { $0 + counts[$1][$1] }, of: outcomes.count)
  }

  /// How many examples of a class were taken for one; nil stands for no answer.
  public func count(of truth: String, as predicted: String?) -> Int {
    guard let row = classes.firstIndex(of: truth) else { return 0 }
    guard let predicted else { return counts[row][classes.count] }
    return classes.firstIndex(of: predicted).map { counts[row][$0] } ?? 0
  }

  /// How many examples a class has.
  public func count(of truth: String) -> Int {
    classes.firstIndex(of: truth).map { counts[$0].reduce(0, +) } ?? 0
  }

  /// The share of a class's examples that were found to be of it; nil if it has none.
  public func recall(of label: String) -> Proportion? {
    let all = count(of: label)
    return all == 0 ? nil : Proportion(count(of: label, as: label), of: all)
  }

  /// The share of the examples taken for a class that are of it; nil if none was.
  public func precision(of label: String) -> Proportion? {
    let taken = classes.reduce(0) { $0 + count(of: $1, as: label) }
    return taken == 0 ? nil : Proportion(count(of: label, as: label), of: taken)
  }

  /// The mean of the recalls of all classes that have examples: each class weighs the same, however rare.
  public var balancedAccuracy: Mean { Mean(classes.compactMap(recall)) }

  /// The mean of the recalls of these classes; nil unless each has an example, because means of different classes do not compare.
  public func balancedAccuracy(of labels: [String]) -> Mean? {
    let recalls = labels.compactMap(recall)
    return recalls.isEmpty || recalls.count < labels.count ? nil : Mean(recalls)
  }

  /// The share of these classes' examples that were given their own class, whatever the others were taken for; nil if they have none.
  public func accuracy(within labels: [String]) -> Proportion? {
    let all = labels.reduce(0) { $0 + count(of: $1) }
    return all == 0 ? nil : Proportion(labels.reduce(0) { $0 + count(of: $1, as: $1) }, of: all)
  }

  /// By class, then by what it was taken for, with `missed` for no answer: each row sums to the number of the class's examples.
  public var confusionJSON: JSONValue {
    .object(
      classes.map { truth in
        let row = classes.map { JSONValue.Member($0, .int(count(of: truth, as: $0))) }
        return .init(truth, .object(row + [.init("missed", .int(count(of: truth, as: nil)))]))
      })
  }
}
