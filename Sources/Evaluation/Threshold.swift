/// A decision threshold for distances. A comparison is a match if its distance is **below** the threshold.
enum Threshold {
  /// The largest threshold at which at most `rate` of the trials match by mistake.
  ///
  /// - Parameters:
  ///   - distances: The distances of the trials that must not match, ascending. A failure to acquire is infinite and
  ///     never matches.
  ///   - rate: The highest share of matches, 0 to 1.
  static func largest(for distances: [Double], rate: Double) -> Double {
    // The tolerance is for rounding: 0.29 × 100 is a little less than 29.
    let allowed = Int((rate * Double(distances.count) + 1e-9).rounded(.down))
    // The first distance that would be one match too many. Ties with it are excluded as well.
    return allowed < distances.count ? distances[allowed] : .infinity
  }

  /// The number of distances below a threshold.
  ///
  /// - Parameter distances: In ascending order.
  static func matches(_ distances: [Double], below threshold: Double) -> Int {
    var low = 0
    var high = distances.count
    while low < high {
      let middle = (low + high) / 2
      if distances[middle] < threshold { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
