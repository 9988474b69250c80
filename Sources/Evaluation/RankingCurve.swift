/// How well a score ranks the examples of one class above the others.
///
/// It gives the receiver operating characteristic and the precision-recall curve.
public struct RankingCurve: Sendable, Equatable {
  /// The rates at one score: every example with this score or a higher one is assigned to the class.
  public struct Point: Sendable, Equatable {
    /// The lowest score that is assigned to the class.
    public let threshold: Double
    /// The share of the class's examples that are assigned to it: the true positive rate, or recall.
    public let recall: Double
    /// The share of the other examples that are assigned to the class.
    public let falsePositiveRate: Double
    /// The share of the assigned examples that belong to the class.
    public let precision: Double
  }

  /// The number of examples of the class.
  public let positives: Int
  /// The number of other examples.
  public let negatives: Int
  /// The rates at every score that occurs, from the highest to the lowest. Examples with the same score form one point.
  public let points: [Point]

  /// Ranks the examples.
  ///
  /// - Parameter scores: The score of each example, and whether it belongs to the class. A higher score means more
  ///   likely.
  /// - Returns: Nil unless there are examples of the class and others.
  /// - Requires: No score is NaN.
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

  /// The area under the curve of recall against false positive rate.
  ///
  /// It is the probability that an example of the class has a higher score than another example. Equal scores count
  /// half. 0.5 is guessing, 1 is perfect.
  public var area: Double {
    var (area, recall, rate) = (0.0, 0.0, 0.0)
    for point in points {
      area += (point.falsePositiveRate - rate) * (point.recall + recall) / 2
      (recall, rate) = (point.recall, point.falsePositiveRate)
    }
    return area
  }

  /// The mean of the precisions at each score, weighted by the gain in recall. It is not interpolated, because
  /// interpolation would raise it.
  public var averagePrecision: Double {
    var (sum, recall) = (0.0, 0.0)
    for point in points {
      sum += (point.recall - recall) * point.precision
      recall = point.recall
    }
    return sum
  }
}
