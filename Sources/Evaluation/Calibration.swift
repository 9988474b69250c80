/// Whether stated probabilities can be believed: of the answers given with 80 %, are 80 % right?
public struct Calibration: Sendable, Equatable {
  /// Answers of about one confidence.
  public struct Bin: Sendable, Equatable {
    /// The confidences in it are above its lower end, or at it in the first bin, and not above its upper end.
    public let range: ClosedRange<Double>
    /// How many answers there are.
    public let count: Int
    /// How many of them are right.
    public let right: Int
    /// The mean of their confidences; nil without answers.
    public let confidence: Double?
    /// The share that is right; nil without answers.
    public var accuracy: Proportion? { count == 0 ? nil : Proportion(right, of: count) }
  }

  /// How many bins there are: as in Guo et al. 2017, whose figures others compare with.
  public static let bins = 15

  /// Bins of equal width over 0 to 1, from the lowest confidence.
  public let bins: [Bin]
  /// The expected calibration error: the distance between confidence and accuracy, averaged over the answers. The confidence of an answer
  /// is the probability of the likeliest class.
  public let expectedError: Double
  /// The mean over answers of the squared distance between the probabilities and the truth (1 for the class, 0 for the others), summed over
  /// the classes: 0 is perfect, 2 is sure and wrong every time.
  public let brier: Double

  /// Compares probabilities with what was true.
  ///
  /// - Parameter answers: each answer's probabilities by class, and the index of the class that it is.
  /// - Returns: nil without answers.
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
    // Each bin's distance, times its answers, is the distance between the sum of confidences and the number that is right.
    expectedError = (0..<Self.bins).reduce(0) { $0 + abs(sums[$1] - Double(right[$1])) } / Double(answers.count)
    brier = squares / Double(answers.count)
  }
}

extension [Double] {
  /// The index of the highest; of equal ones the first.
  var likeliest: Int { indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) } ?? 0 }
}
