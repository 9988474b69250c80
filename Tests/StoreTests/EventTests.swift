import Foundation
import TestResources
import Testing
import Values

@testable import Store

@Suite(.serialized)
struct EventTests {
  @Test("sightings read back as recorded, in the order of time")
  func roundTrip() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      let file = Event(
        id: "f", time: Date(timeIntervalSince1970: 1_750_000_001.25), source: .file("a\nb.jpg"), personID: nil,
        status: .poor,
        box: Rect(x: -3, y: 0, width: 1.5, height: 2), recorded: Date(timeIntervalSince1970: 1_750_000_002))
      let masked = MaskLabel.allCases.enumerated().map { index, mask in
        event("m\(index)", at: 9 - Double(index), of: "1", mask: mask)
      }
      let kinds = Event.Kind.allCases.enumerated().map { index, kind in
        event("k\(index)", kind: kind, at: 20 - Double(index), of: "1")
      }
      let events = kinds + masked + [event("c", at: 3, of: nil), file, event("a", at: 0, of: "1")]
      #expect(try store.insertEvents(events) == 12)
      #expect(try store.events() == events.reversed())
    }
  }

  @Test("recording the same sightings again adds nothing and changes nothing")
  func idempotent() throws {
    try withStore { store, _ throws in
      let first = (0..<1500).map { event("s\($0)", at: Double($0), of: nil) }
      #expect(try store.insertEvents(first) == 1500)
      let again = first.map { event($0.id, at: 9, of: nil, status: .poor) } + [event("new", at: 5000, of: nil)]
      #expect(try store.insertEvents(again) == 1)
      #expect(try store.events() == first + [event("new", at: 5000, of: nil)])
      #expect(try store.insertEvents([]) == 0)
    }
  }

  @Test("sightings are narrowed by time, person, status, camera and mask")
  func query() throws {
    try withStore { store, _ throws in
      for id in ["1", "2"] { _ = try store.addTemplates([], personID: id, name: id, consent: consent) }
      _ = try store.insertEvents([
        event("a", at: 1, of: "1"), event("b", at: 2, of: "2"), event("c", at: 3, of: nil),
        event("d", at: 4, of: "1", mask: .incorrect),
        Event(
          id: "e", time: Date(timeIntervalSince1970: 1_750_000_005), source: .camera("yard"), personID: nil,
          status: .poor, box: Rect(x: 0, y: 0, width: 1, height: 1), mask: .mask),
      ])
      func ids(_ query: Store.EventQuery) throws -> [String] { try store.events(query).map(\.id) }
      let time = { (seconds: Double) in Date(timeIntervalSince1970: 1_750_000_000 + seconds) }
      #expect(try ids(.init(from: time(2), until: time(4))) == ["b", "c"])
      #expect(try ids(.init(personID: "1")) == ["a", "d"])
      #expect(try ids(.init(from: time(2), personID: "1")) == ["d"])
      #expect(try ids(.init(status: .unknown)) == ["c"])
      #expect(try ids(.init(until: time(1))) == [])
      #expect(try ids(.init(camera: "yard")) == ["e"])
      #expect(try ids(.init(camera: "door", mask: .incorrect)) == ["d"])
      #expect(try ids(.init(mask: .mask)) == ["e"])
    }
  }

  @Test("a person who is forgotten while sightings are recorded is in none of them")
  func forgottenMeanwhile() throws {
    try withStore { store, _ throws in
      for round in 0..<20 {
        let id = "person-\(round)"
        _ = try store.addTemplates([template(round)], personID: id, name: "Ada", consent: consent)
        let events = (0..<1000).map { event("\(round)-\($0)", at: Double($0), of: id) }
        inThreads(2) { thread in
          #expect(throws: Never.self) {
            if thread == 0 {
              _ = try store.insertEvents(events)
            } else {
              usleep(UInt32(round) * 1000)
              _ = try store.forget(id: id)
            }
          }
        }
        #expect(try store.events(.init(personID: id)).count == 0, "round \(round)")
      }
      #expect(try store.events(.init(status: .forgotten)).count == 20_000)
    }
  }

  @Test("an error of the reader ends the reading and comes through")
  func readerError() throws {
    struct Enough: Error {}
    try withStore { store, _ throws in
      _ = try store.insertEvents((0..<10).map { event("s\($0)", at: Double($0), of: nil) })
      var count = 0
      #expect(throws: Enough.self) {
        try store.forEachEvent { _ in
          count += 1
          if count == 3 { throw Enough() }
        }
      }
      #expect(count == 3)
      #expect(try store.events().count == 10)
    }
  }

  @Test("a sighting names a person exactly when its status is known")
  func rules() {
    #expect(storeError { try Rules.check(event("a", at: 0, of: "1", status: .unknown)) }?.code == .invalidValue)
    #expect(storeError { try Rules.check(event("a", at: 0, of: nil, status: .known)) }?.code == .invalidValue)
    #expect(storeError { try Rules.check(event("", at: 0, of: nil)) }?.code == .invalidValue)
  }
}
