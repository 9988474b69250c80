import Foundation
import Recognize
import Store
import Testing
import Values

@testable import Live

private let start = Date(timeIntervalSince1970: 1_800_000_000)

private func status(_ label: MaskLabel) -> MaskStatus {
  MaskStatus(probabilities: [label: 1], unsureBelow: 0.6)
}

private func track(_ number: Int, of person: String?, at second: Double = 0, mask: MaskLabel = .none) -> Track {
  let detection = Detection(box: Rect(x: 10, y: 10, width: 100, height: 100), score: 0.9)
  let track = Track(number: number, detection, at: start + second)
  track.masks.add(status(mask), at: start + second)
  identify(track, person)
  return track
}

private func identify(_ track: Track, _ person: String?) {
  track.identify(person.map { Identification(personID: $0, confidence: 0.9, method: .face) })
}

/// Seen at a second, with what covers the face then.
private func see(_ visits: inout Visits, _ track: Track, at second: Double, mask: MaskLabel = .none) -> [String] {
  track.move(to: Detection(box: track.box, score: 0.9), at: start + second)
  track.masks.add(status(mask), at: start + second)
  return words(visits.update(track))
}

/// What events say: whom of, what, when, and the mask.
private func words(_ events: [TrackedEvent]) -> [String] {
  events.map(\.event).map {
    "\($0.personID ?? "–") \($0.kind) \(Int($0.time.timeIntervalSince(start).rounded())) \($0.mask?.rawValue ?? "–")"
  }
}

@Suite("Visits")
struct VisitTests {
  private var visits = Visits(source: .camera("door"), cooldown: 120)

  @Test("a visit has one arrival, with the time of the first picture, and one end, when the person was seen last")
  mutating func one() {
    let ann = track(1, of: "ann")
    #expect(see(&visits, ann, at: 1) == ["ann arrival 0 none"])
    #expect(see(&visits, ann, at: 2) == [])
    #expect(words(visits.expire(at: start + 121)) == [])
    #expect(words(visits.expire(at: start + 123)) == ["ann seen 2 none"])
    #expect(words(visits.close()) == [])
  }

  @Test("somebody who comes back within the cooldown was never away")
  mutating func back() {
    #expect(see(&visits, track(1, of: "ann"), at: 1) == ["ann arrival 0 none"])
    #expect(see(&visits, track(2, of: "ann", at: 100), at: 100) == [])
    #expect(words(visits.expire(at: start + 200)) == [])
    #expect(see(&visits, track(3, of: "ann", at: 300), at: 301) == ["ann seen 100 none", "ann arrival 300 none"])
  }

  @Test("a mask that is put on and stays is told once; a moment's label is not")
  mutating func masks() {
    let ann = track(1, of: "ann")
    #expect(see(&visits, ann, at: 1) == ["ann arrival 0 none"])
    for second in stride(from: 1.1, to: 1.3, by: 0.1) { #expect(see(&visits, ann, at: second, mask: .mask) == []) }
    for second in stride(from: 1.3, to: 3, by: 0.1) { #expect(see(&visits, ann, at: second) == []) }
    var told: [String] = []
    for second in stride(from: 3.0, to: 6, by: 0.1) { told += see(&visits, ann, at: second, mask: .mask) }
    #expect(told == ["ann mask 4 mask"])
    for second in stride(from: 6.0, to: 9, by: 0.1) { told += see(&visits, ann, at: second) }
    #expect(told == ["ann mask 4 mask", "ann mask 7 none"])
  }

  @Test("somebody unknown has a visit for each track; who is known later begins a visit of their own")
  mutating func unknown() {
    let somebody = track(1, of: nil)
    #expect(see(&visits, somebody, at: 3) == ["– arrival 0 none"])
    identify(somebody, "ann")
    #expect(see(&visits, somebody, at: 4) == ["– seen 3 none", "ann arrival 0 none"])
    #expect(see(&visits, track(2, of: nil, at: 5), at: 8) == ["– arrival 5 none"])
    #expect(words(visits.end(of: track(2, of: nil))) == ["– seen 8 none"])
  }

  @Test("with a cooldown of nothing, somebody who stays has one visit")
  func noCooldown() {
    var visits = Visits(source: .camera("door"), cooldown: 0)
    let ann = track(1, of: "ann")
    var told: [String] = []
    for second in stride(from: 0.1, to: 5, by: 0.1) {
      told += see(&visits, ann, at: second) + words(visits.expire(at: start + second))
    }
    #expect(told == ["ann arrival 0 none"])
  }

  @Test("a name that was lost for minutes comes back at that moment, not at the track's first")
  mutating func lost() {
    let ann = track(1, of: "ann")
    #expect(see(&visits, ann, at: 100) == ["ann arrival 0 none"])
    ann.lastEncoded = start + 101
    identify(ann, nil)
    #expect(see(&visits, ann, at: 110) == ["– arrival 101 none"])
    ann.lastEncoded = start + 340
    identify(ann, "ann")
    #expect(see(&visits, ann, at: 341) == ["– seen 110 none", "ann seen 100 none", "ann arrival 340 none"])
  }

  @Test("somebody who takes another's place in a track arrives with the first picture that says so")
  mutating func replaced() {
    let somebody = track(1, of: "ann")
    #expect(see(&visits, somebody, at: 10_800) == ["ann arrival 0 none"])
    for second in [10_801.0, 10_802, 10_803] {
      somebody.lastEncoded = start + second
      somebody.challenge("bob")
    }
    identify(somebody, "bob")
    #expect(see(&visits, somebody, at: 10_804) == ["bob arrival 10801 none"])
  }

  @Test("a hand that passes before a mask at the last moment does not make the visit unsure")
  mutating func hand() {
    let ann = track(1, of: "ann", mask: .mask)
    var told: [String] = []
    for second in stride(from: 0.1, to: 3, by: 0.1) { told += see(&visits, ann, at: second, mask: .mask) }
    let unsure = MaskStatus(probabilities: [.mask: 0.4, .covering: 0.4, .none: 0.2], unsureBelow: 0.6)
    ann.move(to: Detection(box: ann.box, score: 0.9), at: start + 3)
    for _ in 0..<3 { ann.masks.add(unsure, at: start + 3) }
    #expect(ann.masks.status?.label == .unsure)
    told += words(visits.update(ann)) + words(visits.close())
    #expect(told == ["ann arrival 0 mask", "ann seen 3 mask"])
  }

  @Test("two people have visits of their own, and every event has an ID of its own")
  mutating func ids() {
    var events: [TrackedEvent] = []
    for (number, person) in ["ann", "bob"].enumerated() { events += visits.update(track(number, of: person)) }
    events += visits.close()
    #expect(words(events) == ["ann arrival 0 none", "bob arrival 0 none", "ann seen 0 none", "bob seen 0 none"])
    #expect(Set(events.map(\.event.id)).count == 4)
    #expect(events.map(\.event).allSatisfy { $0.source == .camera("door") && $0.id.hasPrefix("live:") })
  }

  @Test("nothing more is written of somebody who was forgotten")
  mutating func forgotten() {
    _ = visits.update(track(1, of: "ann"))
    _ = visits.update(track(2, of: "bob"))
    visits.dropVisits(ofAllBut: ["bob": "Bob"])
    #expect(words(visits.close()) == ["bob seen 0 none"])
  }
}
