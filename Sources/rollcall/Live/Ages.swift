/// The ages of pictures, in seconds, at the time when they had been processed.
struct Ages {
  /// The most ages that are kept. They cover the last minutes.
  private static let capacity = 20_000
  private var values: [Double] = []
  private var eventValues: [Double] = []
  private(set) var most = 0.0

  mutating func add(_ age: Double, isEvent: Bool) {
    most = max(most, age)
    Self.keep(age, in: &values)
    if isEvent { Self.keep(age, in: &eventValues) }
  }

  private static func keep(_ age: Double, in values: inout [Double]) {
    if values.count == capacity { values.removeFirst(capacity / 2) }
    values.append(age)
  }

  var all: (median: Double, high: Double)? { Self.quantiles(values) }
  var events: (median: Double, high: Double)? { Self.quantiles(eventValues) }

  private static func quantiles(_ values: [Double]) -> (median: Double, high: Double)? {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return nil }
    return (sorted[sorted.count / 2], sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
  }
}
