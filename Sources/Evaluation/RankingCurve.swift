/// How well a score puts the examples of one class above the others: receiver operating characteristic, and precision against recall.
public struct RankingCurve: Sendable, Equatable {
  /// The rates when everything of a score and above is taken for the class.
  public struct Point: Sendable, Equatable {
    /// The lowest score that is taken.
    public let threshold: Double
    /// The share of the class's examples that are taken: the true positive rate, or recall.
    public let recall: Double
    /// The share of the other examples that are taken.
    public let falsePositiveRate: Double
    /// The share of what is taken that is of the class.
    public let precision: Double
  }

  /// How many examples are of the class.
  public let positives: Int
  /// How many are not.
  public let negatives: Int
  /// The rates at every score that occurs, from the highest to the lowest. Examples of one score are taken together.
  public let points: [Point]

  /// Ranks examples.
  ///
  /// - Parameter scores: each example's score, higher for more likely of the class, and whether it is.
  /// - Returns: nil unless there are examples of the class and others: there is nothing to rank.
  /// - Requires: no score is NaN.
  public init?(_ scores: [(score: Double, isPositive: Bool)]) {
    positives = scores.count(where: \.isPositive)
    negatives = scores.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    let ranked = scores.sorted { $0.score > $1.score }
    var points: [Point] = []
    var (right, wrong) = (0, 0)
    for (index, example) in ranked.enumerated() {
      if example.isPositive { right += 1 } else { wrong += 1 }
      if index + 1 < ranked.count, ranked[index + 1].score == example.score { continue }
      points.append(
        Point(
          threshold: example.score, recall: Double(right) / Double(positives),
          falsePositiveRate: Double(wrong) / Double(negatives), precision: Double(right) / Double(right + wrong)))
    }
    self.points = points
  }

  /// The area under recall against false positive rate: how often an example of the class has a higher score than another one, equal
  /// scores counting half. 0.5 is guessing, 1 is perfect.
  public var area: Double {
    var (area, recall, rate) = (0.0, 0.0, 0.0)
    for point in points {
      area += (point.falsePositiveRate - rate) * (point.recall + recall) / 2
      (recall, rate) = (point.recall, point.falsePositiveRate)
    }
    return area
  }

  /// The mean of the precisions at each score, weighted by what recall gains there. It is not interpolated, so it does not flatter.
  public var averagePrecision: Double {
    var (sum, recall) = (0.0, 0.0)
    for point in points {
      sum += (point.recall - recall) * point.precision
      recall = point.recall
    }
    return sum
  }
}
