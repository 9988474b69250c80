import Recognize

/// What most photos of a new person show, when nothing of the person is stored.
///
/// No photo decides alone, so the answer does not depend on the photos' order. The photo with the most photos near it
/// is the middle. It and those photos are the core.
struct PhotoMajority {
  /// The index of the photo in the middle; nil without photos.
  let middle: Int?
  /// The indices of the photos that show the person, with the middle.
  let core: Set<Int>
  /// Whether the photos show so many people that none of them is surely the person.
  ///
  /// Of two photos that are not near each other, the first is the core.
  let isMixed: Bool

  /// Judges the photos `0..<count`.
  ///
  /// - Parameters:
  ///   - compare: Compares two photos.
  ///   - isNear: Whether photos with this comparison speak for each other.
  init(count: Int, compare: (Int, Int) -> Comparison, isNear: (Comparison) -> Bool) {
    var best: (middle: Int, core: Set<Int>, sum: Double)?
    for index in 0..<count {
      let others = (0..<count).filter { $0 != index }.map { (index: $0, comparison: compare(index, $0)) }
      let near = Set(others.filter { isNear($0.comparison) }.map(\.index) + [index])
      let sum = others.reduce(0) { $0 + $1.comparison.deviations }
      if let best, (best.core.count, -best.sum) >= (near.count, -sum) { continue }
      best = (index, near, sum)
    }
    middle = best?.middle
    core = best?.core ?? []
    isMixed = count > 2 && core.count * 2 < count
  }
}
