import Foundation
import Recognize
import Values

/// One face over time.
final class Track {
  let number: Int
  let begin: Date
  /// The box, as the detector frames faces.
  private(set) var box: Rect
  private(set) var score: Double
  private(set) var lastSeen: Date
  /// The number of pictures with the face.
  private(set) var samples = 1
  /// The number of detections in which the face was missing since it was last seen.
  var missed = 0
  /// The velocity of the box's centre, in pixels per second.
  private var velocity = Point(x: 0, y: 0)

  /// The landmarks of the face in the last picture; nil before they were found.
  var landmarks: Landmarks?
  var masks = MaskHistory()
  var appearance = Appearance()
  /// What is left of the false-positive rate for searches without an identity.
  var budget = SearchBudget()
  var lastEncoded = Date.distantPast
  /// The number of encoded faces in a row that do not fit the track, because another person may have taken its place.
  var strangeLooks = 0
  /// The identity; nil for an unknown person and before it is decided.
  private(set) var identity: Identification?
  /// The ID of the person whom the bare face has named beyond doubt; nil if it has not, or if the name was lost since.
  private(set) var certainID: String?
  /// When what the track is logged as began: the person with the present name, or the unknown person.
  ///
  /// The first name of a track is that of the face from its first picture on. A later name begins with the first chip
  /// that spoke for it, because the track may have gone over to another person.
  private(set) var identityBegan: Date
  private var hadIdentity = false
  /// Whether the track was already asked what it teaches.
  var hasTaught = false
  /// Whether the gallery must be searched for this track: chips were added, or its identity was taken away.
  var isUndecided = false
  /// The number of answers in a row that name `challenger` instead of the identity.
  private(set) var challenges = 0
  /// The person whom those answers name; nil if they name nobody.
  private var challenger: String?
  /// When the first of those answers came.
  private var challenged = Date.distantPast

  init(number: Int, _ detection: Detection, at time: Date) {
    self.number = number
    (begin, lastSeen) = (time, time)
    (box, score) = (detection.box, detection.score)
    identityBegan = time
  }

  /// Sets the identity, or takes it away.
  func identify(_ answer: Identification?) {
    if answer?.personID != identity?.personID, hadIdentity {
      identityBegan = challenges > 0 && challenger == answer?.personID ? challenged : max(begin, lastEncoded)
    }
    hadIdentity = hadIdentity || answer != nil
    (identity, challenges) = (answer, 0)
    if certainID != answer?.personID { certainID = nil }
    if let answer, answer.method == .face, answer.rivalID == nil, answer.confidence >= Tracker.certain {
      certainID = answer.personID
    }
  }

  /// Counts an answer that does not name the identity.
  func challenge(_ person: String?) {
    if challenges == 0 || challenger != person { (challenges, challenger, challenged) = (0, person, lastEncoded) }
    challenges += 1
  }

  /// Forgets the answers that did not name the identity, because a later one did.
  func withstand() { challenges = 0 }

  /// Takes the name away, so that the track is searched for anew.
  func loseIdentity() {
    identify(nil)
    isUndecided = true
    budget.hurry()
  }

  /// Moves the track to the face's new place.
  func move(to detection: Detection, at time: Date) {
    let elapsed = time.timeIntervalSince(lastSeen)
    if elapsed > 0 {
      let (from, to) = (box.center, detection.box.center)
      // The new measurement counts half, because boxes tremble.
      velocity = Point(
        x: (velocity.x + (to.x - from.x) / elapsed) / 2, y: (velocity.y + (to.y - from.y) / elapsed) / 2)
    }
    (box, score, lastSeen) = (detection.box, detection.score, time)
    samples += 1
    missed = 0
  }

  /// The box where the face is expected at a time. The prediction is limited, because people do not walk straight for
  /// long.
  func expected(at time: Date) -> Rect {
    let ahead = min(0.4, time.timeIntervalSince(lastSeen))
    var box = box
    box.x += velocity.x * ahead
    box.y += velocity.y * ahead
    return box
  }

  /// The box of a face with these landmarks, at the same place relative to them as in the last picture.
  func place(of landmarks: Landmarks, near expected: Rect) -> Rect {
    guard let before = self.landmarks else { return expected }
    let (from, to) = (before.center, landmarks.center)
    var moved = box
    moved.x += to.x - from.x
    moved.y += to.y - from.y
    let gap = hypot(moved.center.x - expected.center.x, moved.center.y - expected.center.y)
    // Landmarks that jump are wrong.
    return gap < 0.25 * box.width ? moved : expected
  }

  /// Whether position alone is not enough any more to assign a face to this track.
  func isStale(at time: Date) -> Bool { missed >= 3 || time.timeIntervalSince(lastSeen) > 1 }

  /// The distance of a face from the expected place, in face widths, plus the difference in size; nil if the face is
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

  /// Known with an identity, else unknown if the face was encoded, else poor.
  var status: FaceStatus {
    if identity != nil { return .known }
    return appearance.count > 0 ? .unknown : .poor
  }
}

extension Track {
  /// The head, as people and files frame a face.
  var head: Rect { Detection(box: box, score: score).head }
}

extension Landmarks {
  fileprivate var center: Point {
    let points = points
    let count = Double(points.count)
    return Point(x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count)
  }
}
