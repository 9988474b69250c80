/// How well stated probabilities agree with the truth.
///
/// Of the answers with a confidence of 80 %, a well-calibrated classifier gets 80 % right.
public struct Calibration: Sendable, Equatable {
  /// The answers whose confidence lies in one interval.
  public struct Bin: Sendable, Equatable {
    /// The interval of confidence. The lower end is excluded, except in the first bin. The upper end is included.
    public let range: ClosedRange<Double>
    /// The number of answers.
    public let count: Int
    /// The number of right answers.
    public let right: Int
    /// The mean confidence of the answers, 0 to 1; nil if the bin is empty.
    public let confidence: Double?
    /// The share of right answers; nil if the bin is empty.
    public var accuracy: Proportion? { count == 0 ? nil : Proportion(right, of: count) }
  }

  /// The number of bins. 15 is the number of Guo et al. 2017, so the error can be compared with published figures.
  public static let bins = 15

  /// The bins, from the lowest confidence to the highest. They have equal width and cover 0 to 1.
  public let bins: [Bin]
  /// The expected calibration error, 0 to 1: the distance between confidence and accuracy, averaged over the answers.
  ///
  /// The confidence of an answer is the probability of its likeliest class.
  public let expectedError: Double
  /// The Brier score, 0 to 2: the squared distance between the probabilities and the truth, summed over the classes and
  /// averaged over the answers.
  ///
  /// The truth is 1 for the class of the example and 0 for the others. 0 is perfect; 2 means sure and wrong every time.
  public let brier: Double

  /// Compares probabilities with the truth.
  ///
  /// - Parameter answers: The probabilities of each answer by class, and the index of the true class.
  /// - Returns: Nil if there are no answers.
  public init?(_ answers: [(probabilities: [Double], truth: Int)]) {
    guard !answers.isEmpty else { return nil }
    var (counts, right) = (Array(repeating: 0, count: Self.bins), Array(repeating: 0, count: Self.bins))
    var sums = Array(repeating: 0.0, count: Self.bins)
    var squares = 0.0
    for answer in answers {
      let likeliest = answer.probabilities.likeliest
      let confidence = answer.probabilities[likeliest]
      let bin = min(Self.bins - 1, max(0, Int((confidence * Double(Self.bins)).rounded(.up)) - 1))
      counts[bin] += 1
      sums[bin] += confidence
      if likeliest == answer.truth { right[bin] += 1 }
      for (index, probability) in answer.probabilities.enumerated() {
        let distance = probability - (index == answer.truth ? 1 : 0)
        squares += distance * distance
      }
    }
    let width = 1 / Double(Self.bins)
    bins = (0..<Self.bins).map { bin in
      Bin(
        range: Double(bin) * width...Double(bin + 1) * width, count: counts[bin], right: right[bin],
        confidence: counts[bin] == 0 ? nil : sums[bin] / Double(counts[bin]))
    }
    // The distance of a bin, weighted by its answers, equals the distance between the sum of the confidences and the
    // number of right answers.
    expectedError = (0..<Self.bins).reduce(0) { $0 + abs(sums[$1] - Double(right[$1])) } / Double(answers.count)
    brier = squares / Double(answers.count)
  }
}

extension [Double] {
  /// The index of the highest value; the first of equal ones.
  var likeliest: Int { indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) } ?? 0 }
}
