import Attendance
import Foundation
import Store
import TestResources
import Testing
import Values
import Vision

@testable import Live

@Suite("Pictures of events")
struct SnapshotTests {
  private let folder: TemporaryFolder
  private let image: Image

  init() throws {
    folder = try TemporaryFolder()
    image = try Image(rgb: Array(repeating: 90, count: 640 * 480 * 3), width: 640, height: 480)
  }

  private func face(_ box: Rect, track: Int = 1) -> TrackedFace {
    TrackedFace(
      track: track,
      face: IdentifiedFace(
        box: box, score: 1, mask: MaskStatus(probabilities: [.none: 1], unsureBelow: 0.6), status: .unknown))
  }

  /// The picture with these faces, in which something happened to the face of track 1.
  private func observation(_ faces: [TrackedFace], _ events: [Event] = []) -> Observation {
    Observation(
      camera: "door", image: image, time: Date(), captured: Date(), position: nil, faces: faces,
      events: events.map { TrackedEvent(track: 1, event: $0) }, open: [], learnt: [])
  }

  private func event(
    _ id: String, _ box: Rect, _ kind: Event.Kind = .arrival, at time: Date = Date(), of person: String? = nil
  ) -> Event {
    Event(
      id: id, kind: kind, time: time, source: .camera("door"), personID: person,
      status: person == nil ? .unknown : .known,
      box: box)
  }

  /// An observation in which one face arrives.
  private func arrival(_ id: String, at time: Date = Date(), of person: String? = nil) -> Observation {
    let box = Rect(x: 100, y: 100, width: 120, height: 120)
    return observation([face(box)], [event(id, box, at: time, of: person)])
  }

  private func withStore(_ body: (Store) throws -> Void) throws {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    try body(store)
  }

  @Test("a head is cut out with its margin, inside the picture, and made no larger than asked")
  func cut() throws {
    let box = Rect(x: 600, y: 100, width: 80, height: 80)
    let observation = observation([face(box)])
    let arrival = TrackedEvent(track: 1, event: event("a", box))
    let cut = try #require(try observation.head(of: arrival, longestSide: 320))
    #expect((cut.width, cut.height) == (60, 120))
    let small = try #require(try observation.head(of: arrival, longestSide: 60))
    #expect((small.width, small.height) == (30, 60))
  }

  @Test("somebody who is not in the picture any more has no picture")
  func gone() throws {
    let observation = observation([face(Rect(x: 10, y: 10, width: 50, height: 50), track: 2)])
    let lost = TrackedEvent(track: 1, event: event("a", Rect(x: 300, y: 10, width: 50, height: 50)))
    #expect(try observation.head(of: lost, longestSide: 320) == nil)
  }

  @Test("the margin gives way to the heads of others, and the head itself does not")
  func others() {
    let bounds = Rect(x: 0, y: 0, width: 640, height: 480)
    let head = Rect(x: 200, y: 200, width: 100, height: 100)
    let alone = Framing.area(around: head, without: [], in: bounds)
    #expect(alone == Rect(x: 175, y: 175, width: 150, height: 150))
    let neighbours = [
      Rect(x: 310, y: 190, width: 100, height: 100), Rect(x: 80, y: 210, width: 110, height: 110),
      Rect(x: 200, y: 80, width: 100, height: 110), Rect(x: 210, y: 305, width: 100, height: 110),
    ]
    for count in 1...4 {
      let area = Framing.area(around: head, without: Array(neighbours.prefix(count)), in: bounds)
      #expect(neighbours.prefix(count).allSatisfy { $0.intersection(area).area == 0 })
      #expect(area.intersection(head) == head)
    }
    // Who stands half before the other one is seen as far as heads overlap.
    let before = Rect(x: 270, y: 180, width: 120, height: 140)
    let area = Framing.area(around: head, without: [before], in: bounds)
    #expect(area == Rect(x: 175, y: 175, width: 125, height: 150))
  }

  @Test("arrivals and changes of the mask are kept, other events and a keeper without days keep nothing")
  func kept() throws {
    try withStore { store throws in
      let keeper = SnapshotKeeper(store, days: 3)
      let box = Rect(x: 100, y: 100, width: 120, height: 120)
      let events = Event.Kind.allCases.map { event($0.rawValue, box, $0) }
      keeper.keep(observation([face(box)], events))
      #expect(keeper.close(timeout: 60) == .init(kept: 2, lost: 0, late: 0, failure: nil))
      for kind in Event.Kind.allCases {
        let found = try store.snapshot(ofEvent: kind.rawValue)
        #expect((found != nil) == (kind == .arrival || kind == .mask))
        guard let found, let event = events.first(where: { $0.kind == kind }) else { continue }
        let picture = try Photo(decoding: found.jpeg).image
        #expect((picture.width, picture.height) == (180, 180))
        #expect(abs(found.snapshot.expires.timeIntervalSince(event.time) - 3 * 86_400) < 0.01)
      }
      let silent = SnapshotKeeper(store, days: nil)
      silent.keep(arrival("silent"))
      #expect(silent.close(timeout: 60) == .init())
      #expect(try store.snapshot(ofEvent: "silent") == nil)
    }
  }

  @Test("an old film's pictures are not kept, and one from the future keeps them no longer")
  func filmTimes() throws {
    try withStore { store throws in
      let keeper = SnapshotKeeper(store, days: 1)
      keeper.keep(arrival("old", at: Date() - 90_000))
      keeper.keep(arrival("tomorrow", at: Date() + 1_000_000))
      let state = keeper.close(timeout: 60)
      #expect((state.kept, state.late, state.lost) == (1, 1, 0))
      let expires = try #require(try store.snapshot(ofEvent: "tomorrow")).snapshot.expires
      #expect(expires <= Date() + 86_400)
    }
  }

  @Test("a keeper removes what is too old, also one that keeps nothing")
  func removal() throws {
    try withStore { store throws in
      let box = Rect(x: 0, y: 0, width: 9, height: 9)
      #expect(try store.keep(Snapshot(of: event("old", box), expires: Date() - 1), jpeg: Data([1])))
      _ = SnapshotKeeper(store, days: nil).close(timeout: 60)
      #expect(try store.removeExpiredSnapshots() == 0)
    }
  }

  @Test("while the database hangs, pictures beyond the queue are lost, and no event is")
  func hanging() throws {
    try withStore { store throws in
      _ = try store.addTemplates([], personID: "1", name: "Ada", consent: Consent(text: "yes", date: Date()))
      let lock = try String(contentsOf: folder.url.appending(path: "db/data/mongod.lock"), encoding: .utf8)
      let server = try #require(pid_t(lock.trimmingCharacters(in: .whitespacesAndNewlines)))
      let spool = try Spool(dataFolder: folder.url, store: store)
      let keeper = SnapshotKeeper(store, days: 3, capacity: 4) { _ in }
      kill(server, SIGSTOP)
      defer { kill(server, SIGCONT) }
      let arrivals = (0..<20).map { arrival("\($0)", of: "1") }
      for arrival in arrivals {
        try spool.append(arrival.events.map(\.event))
        keeper.keep(arrival)
      }
      #expect(keeper.state.lost >= 15)
      #expect(keeper.state.kept == 0)
      // Who closes does not wait for ever either.
      #expect(keeper.close(timeout: 0.1).lost == 20)
      kill(server, SIGCONT)
      #expect(spool.close(timeout: 60).delivered == 20)
      var logged = 0
      try store.forEachEvent { _ in logged += 1 }
      #expect(logged == 20)
    }
  }

  @Test("a database that is gone costs pictures, which are counted, and says why")
  func away() throws {
    try withStore { store throws in
      store.close()
      let keeper = SnapshotKeeper(store, days: 3)
      for number in 0..<3 { keeper.keep(arrival("\(number)")) }
      let state = keeper.close(timeout: 60)
      #expect((state.kept, state.lost) == (0, 3))
      #expect(state.failure?.contains("Keeping a snapshot failed") == true)
    }
  }
}
