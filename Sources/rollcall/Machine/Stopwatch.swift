import Foundation

/// Measures two implementations in alternation.
struct Stopwatch {
  let rounds: Int

  /// The median times in milliseconds. Each side first runs once without being measured.
  func compare(reference: () throws -> Void, ours: () throws -> Void) throws -> (reference: Double, ours: Double) {
    try reference()
    try ours()
    var times: (reference: [Double], ours: [Double]) = ([], [])
    for _ in 0..<rounds {
      times.reference.append(try time(reference))
      times.ours.append(try time(ours))
    }
    return (times.reference.sorted()[rounds / 2], times.ours.sorted()[rounds / 2])
  }

  private func time(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    return (ContinuousClock.now - start) / .milliseconds(1)
  }
}
