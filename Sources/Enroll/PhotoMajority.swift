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
  ///   - distance: The distance between two photos.
  ///   - isNear: Whether photos at this distance speak for each other.
  init(count: Int, distance: (Int, Int) -> Double, isNear: (Double) -> Bool) {
    var best: (middle: Int, core: Set<Int>, sum: Double)?
    for index in 0..<count {
      let distances = (0..<count).map { $0 == index ? 0 : distance(index, $0) }
      let near = Set((0..<count).filter { $0 == index || isNear(distances[$0]) })
      let sum = distances.reduce(0, +)
      if let best, (best.core.count, -best.sum) >= (near.count, -sum) { continue }
      best = (index, near, sum)
    }
    middle = best?.middle
    core = best?.core ?? []
    isMixed = count > 2 && core.count * 2 < count
  }
}
