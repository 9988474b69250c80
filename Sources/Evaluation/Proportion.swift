/// A share of trials, with its 95 % interval.
public struct Proportion: Sendable, Equatable {
  /// The number of trials that count.
  public let count: Int
  /// The number of all trials.
  public let total: Int

  /// - Requires: `total > 0` and `0 <= count <= total`.
  public init(_ count: Int, of total: Int) {
    self.count = count
    self.total = total
  }

  /// The share, 0 to 1.
  public var value: Double { Double(count) / Double(total) }

  /// The 95 % interval by Wilson's score. It stays within 0 to 1 and holds for small numbers of trials too.
  ///
  /// It assumes independent trials. Pairs that share pictures are dependent, so their true interval is somewhat wider.
  public var interval: ClosedRange<Double> {
    // The standard normal distribution's 97.5th percentile.
    let z = 1.959963984540054
    let n = Double(total)
    let spread = 1 + z * z / n
    let centre = (value + z * z / (2 * n)) / spread
    let half = z / spread * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
    // Rounding must not push an end past the share that it belongs to.
    return min(value, max(0, centre - half))...max(value, min(1, centre + half))
  }
}
