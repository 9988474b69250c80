import Foundation
import Recognize
import Values

/// One face over time.
final class Track {
  let number: Int
  let begin: Date
  /// As the detector frames faces.
  private(set) var box: Rect
  private(set) var score: Double
  private(set) var lastSeen: Date
  /// Pictures with the face.
  private(set) var samples = 1
  /// Pictures since it was seen last.
  var missed = 0
  /// Of the middle of the box, in pixels a second.
  private var velocity = Point(x: 0, y: 0)

  /// Where eyes and nose are in the box; nil before anybody looked.
  var landmarks: Landmarks?
  var masks = MaskHistory()
  var appearance = Appearance()
  var lastEncoded = Date.distantPast
  /// Encoded faces in a row that do not look like the others: somebody else may have taken the place.
  var strangeLooks = 0
  /// nil for somebody who is not known, and as long as that is not decided.
  var identity: Identification?
  /// Evidence has come that was not searched for yet.
  var isUndecided = false
  /// Answers in a row that speak for `challenger` instead of the identity.
  var challenges = 0
  /// Whose answers these are; nil for nobody.
  var challenger: String?

  init(number: Int, _ detection: Detection, at time: Date) {
    self.number = number
    (begin, lastSeen) = (time, time)
    (box, score) = (detection.box, detection.score)
  }

  /// Takes the face to where it is now.
  func move(to detection: Detection, at time: Date) {
    let elapsed = time.timeIntervalSince(lastSeen)
    if elapsed > 0 {
      let (from, to) = (box.center, detection.box.center)
      // Half of the newest: boxes tremble.
      velocity = Point(
        x: (velocity.x + (to.x - from.x) / elapsed) / 2, y: (velocity.y + (to.y - from.y) / elapsed) / 2)
    }
    (box, score, lastSeen) = (detection.box, detection.score, time)
    samples += 1
    missed = 0
  }

  /// Where the face should be at a time. Nobody walks straight for long.
  func expected(at time: Date) -> Rect {
    let ahead = min(0.4, time.timeIntervalSince(lastSeen))
    var box = box
    box.x += velocity.x * ahead
    box.y += velocity.y * ahead
    return box
  }

  /// Where the box is when the face has these landmarks: at the same place to them as before.
  func place(of landmarks: Landmarks, near expected: Rect) -> Rect {
    guard let before = self.landmarks else { return expected }
    let (from, to) = (before.center, landmarks.center)
    var moved = box
    moved.x += to.x - from.x
    moved.y += to.y - from.y
    let gap = hypot(moved.center.x - expected.center.x, moved.center.y - expected.center.y)
    // Landmarks that jump are none.
    return gap < 0.25 * box.width ? moved : expected
  }

  /// Whether place alone does not tell any more that a face is this one.
  func isStale(at time: Date) -> Bool { missed >= 3 || time.timeIntervalSince(lastSeen) > 1 }

  /// How far a face lies from where this one should be, in face widths, with the difference in size; nil where it is
  /// out of reach.
  func gap(to box: Rect, at time: Date) -> Double? {
    let expected = expected(at: time)
    let (from, to) = (expected.center, box.center)
    let gap =
      hypot(to.x - from.x, to.y - from.y) / ((expected.width + box.width) / 2)
      + abs(log(max(1, box.width) / max(1, expected.width)))
    let reach = min(2.5, 0.6 + 2 * time.timeIntervalSince(lastSeen))
    return gap <= reach ? gap : nil
  }

  /// How far the face has been decided to be nobody's who is enrolled, good or bad as it is seen.
  var status: FaceStatus {
    if identity != nil { return .known }
    return appearance.count > 0 ? .unknown : .poor
  }
}

extension Track {
  /// As people and files frame it.
  var head: Rect { Detection(box: box, score: score).head }
}

extension Landmarks {
  fileprivate var center: Point {
    let points = points
    let count = Double(points.count)
    return Point(x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count)
  }
}
