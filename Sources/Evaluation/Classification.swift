public import Formats

/// A confusion matrix of classes, with the figures that follow from it.
///
/// An example without an answer (a missed face) is wrong. It counts in the recall of its class and in the accuracy, and
/// in no precision.
public struct Classification: Sendable, Equatable {
  /// The mean of several shares, with its 95 % interval.
  public struct Mean: Sendable, Equatable {
    /// The mean of the shares, 0 to 1.
    public let value: Double
    /// The 95 % interval, by MOVER (Zou and Donner 2008) from the Wilson intervals of the shares.
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

  /// The classes, in the order in which tables list them.
  public let classes: [String]
  /// The number of examples, those without an answer included.
  public let total: Int
  /// The number of examples without an answer.
  public let missed: Int
  /// The share of examples that were given their own class.
  public let accuracy: Proportion
  /// By true class, then by predicted class. The last number of each row is the number of examples without an answer.
  private let counts: [[Int]]

  /// Counts the outcomes.
  ///
  /// - Parameters:
  ///   - outcomes: The true class and the predicted class of each example, as indices; nil is no answer.
  ///   - classes: The names of all classes that the outcomes refer to.
  /// - Returns: Nil if there is no outcome.
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

  /// The number of examples of class `truth` that were given the class `predicted`. Nil counts those without an answer.
  public func count(of truth: String, as predicted: String?) -> Int {
    guard let row = classes.firstIndex(of: truth) else { return 0 }
    guard let predicted else { return counts[row][classes.count] }
    return classes.firstIndex(of: predicted).map { counts[row][$0] } ?? 0
  }

  /// The number of examples of a class.
  public func count(of truth: String) -> Int {
    classes.firstIndex(of: truth).map { counts[$0].reduce(0, +) } ?? 0
  }

  /// The share of a class's examples that were given this class; nil if the class has no examples.
  public func recall(of label: String) -> Proportion? {
    let all = count(of: label)
    return all == 0 ? nil : Proportion(count(of: label, as: label), of: all)
  }

  /// The share of right examples among those that were given a class; nil if none was given it.
  public func precision(of label: String) -> Proportion? {
    let taken = classes.reduce(0) { $0 + count(of: $1, as: label) }
    return taken == 0 ? nil : Proportion(count(of: label, as: label), of: taken)
  }

  /// The mean of the recalls of all classes that have examples. Every class has the same weight, however rare it is.
  public var balancedAccuracy: Mean { Mean(classes.compactMap(recall)) }

  /// The mean of the recalls of these classes.
  ///
  /// - Returns: Nil unless each class has an example: means over different classes cannot be compared.
  public func balancedAccuracy(of labels: [String]) -> Mean? {
    let recalls = labels.compactMap(recall)
    return recalls.isEmpty || recalls.count < labels.count ? nil : Mean(recalls)
  }

  /// The share of these classes' examples that were given their own class; nil if the classes have no examples.
  ///
  /// The answers to examples of other classes do not count.
  public func accuracy(within labels: [String]) -> Proportion? {
    let all = labels.reduce(0) { $0 + count(of: $1) }
    return all == 0 ? nil : Proportion(labels.reduce(0) { $0 + count(of: $1, as: $1) }, of: all)
  }

  /// The confusion matrix: by true class, then by predicted class, with `missed` for no answer. Each row sums to the
  /// number of the class's examples.
  public var confusionJSON: JSONValue {
    .object(
      classes.map { truth in
        let row = classes.map { JSONValue.Member($0, .int(count(of: truth, as: $0))) }
        return .init(truth, .object(row + [.init("missed", .int(count(of: truth, as: nil)))]))
      })
  }
}
