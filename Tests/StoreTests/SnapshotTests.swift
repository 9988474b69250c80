import Foundation
import TestResources
import Testing
import Values

@testable import Store

@Suite("Snapshots", .serialized)
struct SnapshotTests {
  private let now = Date(timeIntervalSince1970: 1_750_000_000)
  private let day = 86_400.0
  /// More than two of GridFS's pieces, and no two alike.
  private let large = Data((0..<600_000).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) })

  private func snapshot(_ id: String, of person: String? = nil, expires: Date = .distantFuture) -> Snapshot {
    Snapshot(of: event(id, kind: .arrival, at: 0, of: person), expires: expires)
  }

  private func enroll(_ id: String, _ store: Store) throws {
    _ = try store.addTemplates([], personID: id, name: "Ada", consent: consent)
  }

  private func count(_ collection: String, _ store: Store) throws -> Int {
    try store.perform("Testing") { try $0.run(["count": .string(collection)])["n"]?.integer ?? -1 }
  }

  private func counts(_ store: Store) throws -> [Int] {
    try ["snapshots", "snapshots.files", "snapshots.chunks"].map { try count($0, store) }
  }

  @Test("a snapshot reads back byte for byte, with its event, and keeping it again changes nothing")
  func roundTrip() throws {
    try withStore { store, _ throws in
      try enroll("1", store)
      let film = Snapshot(
        of: Event(
          id: "film", kind: .mask, time: now, source: .file("a.mp4"), personID: nil, status: .unknown,
          box: Rect(x: 0, y: 0, width: 1, height: 1)), expires: now + 3 * day)
      let known = snapshot("a", of: "1", expires: now + day)
      for _ in 1...2 {
        #expect(try store.keep(known, jpeg: large))
        #expect(try store.keep(film, jpeg: Data("bytes".utf8)))
      }
      let first = try #require(try store.snapshot(ofEvent: "a", now: now))
      #expect(first.jpeg == large)
      #expect(first.snapshot == known)
      let second = try #require(try store.snapshot(ofEvent: "film", now: now))
      #expect(second.jpeg == Data("bytes".utf8))
      #expect(second.snapshot == film)
      #expect(try store.snapshot(ofEvent: "b", now: now) == nil)
      #expect(try counts(store) == [2, 2, 4])
      // The training collection has pictures of its own.
      #expect(try store.storedTrainingPhotoIDs().isEmpty)
    }
  }

  @Test("a snapshot whose time is over is not shown, and goes with all its pieces")
  func expiry() throws {
    try withStore { store, _ throws in
      #expect(try store.keep(snapshot("short", expires: now + day), jpeg: large))
      #expect(try store.keep(snapshot("long", expires: now + 2 * day), jpeg: large))
      #expect(try store.removeExpiredSnapshots(now: now + day - 1) == 0)
      #expect(try store.snapshot(ofEvent: "short", now: now + day - 1) != nil)
      #expect(try store.snapshot(ofEvent: "short", now: now + day) == nil)
      #expect(try store.removeExpiredSnapshots(now: now + day) == 1)
      #expect(try counts(store) == [1, 1, 3])
      #expect(try store.snapshot(ofEvent: "long", now: now + day)?.jpeg == large)
      #expect(try store.removeExpiredSnapshots(now: now + 2 * day) == 1)
      #expect(try counts(store) == [0, 0, 0])
    }
  }

  @Test("of many events those with a picture to show are told")
  func among() throws {
    try withStore { store, _ throws in
      try enroll("1", store)
      for (event, person) in [("a", "1"), ("b", nil), ("c", nil)] {
        #expect(try store.keep(snapshot(event, of: person, expires: now + day), jpeg: Data([1])))
      }
      #expect(try store.keep(snapshot("short", expires: now + 1), jpeg: Data([1])))
      let many = (0..<2500).map { "none \($0)" } + ["a", "b", "short"]
      #expect(try store.snapshotIDs(among: many, now: now) == ["a", "b", "short"])
      #expect(try store.snapshotIDs(among: many, now: now + 1) == ["a", "b"])
      #expect(try store.snapshotIDs(among: [], now: now) == [])
      _ = try store.forget(id: "1")
      #expect(try store.snapshotIDs(among: many, now: now) == ["b", "short"])
    }
  }

  @Test("many snapshots whose time is over go at once")
  func manyExpired() throws {
    try withStore { store, _ throws in
      // As 1500 calls of `keep` leave them, in a moment.
      try store.perform("Testing") { client in
        let documents = (0..<1500).map { number in
          BSON.document([
            "_id": .string("s\(number)"), "time": .date(now), "camera": "door", "personID": .null,
            "state": "kept", "expires": .date(now),
          ])
        }
        _ = try client.write(["insert": "snapshots", "documents": .array(documents)])
      }
      #expect(try store.removeExpiredSnapshots(now: now) == 1500)
      #expect(try count("snapshots", store) == 0)
    }
  }

  @Test("looking for what is too old, and for a person's, uses an index")
  func indexes() throws {
    try withStore { store, _ throws in
      for query: BSONDocument in [["expires": ["$lte": .date(now)]], ["personID": "1"]] {
        let plan = try store.perform("Testing") { client in
          try client.run([
            "explain": ["find": "snapshots", "filter": .document(query)], "verbosity": "queryPlanner",
          ])
        }
        #expect(String(describing: plan).contains("IXSCAN") && !String(describing: plan).contains("COLLSCAN"))
      }
    }
  }

  @Test("forgetting a person removes the person's snapshots and nobody else's, and nothing is left of the id")
  func forget() throws {
    try withStore { store, _ throws in
      for id in ["1", "11"] { try enroll(id, store) }
      for (event, person) in [("a", "1"), ("b", "1"), ("c", "11"), ("d", nil)] {
        #expect(try store.keep(snapshot(event, of: person), jpeg: large))
      }
      let result = try store.forget(id: "1")
      #expect(result.snapshots == 2)
      #expect(result.remaining == 0)
      for event in ["a", "b"] { #expect(try store.snapshot(ofEvent: event) == nil) }
      for event in ["c", "d"] { #expect(try store.snapshot(ofEvent: event)?.jpeg == large) }
      #expect(try count("snapshots.files", store) == 2)
      #expect(try count("snapshots.chunks", store) == 6)
      #expect(try store.forget(id: "1").snapshots == 0)
      // What a writer that was killed meanwhile would be found by goes within two hours.
      _ = try store.removeExpiredSnapshots(now: Date() + 7200)
      #expect(try counts(store) == [2, 2, 6])
    }
  }

  @Test("the proof finds an id that stands in a snapshot's file")
  func proof() throws {
    try withStore { store, _ throws in
      try enroll("1", store)
      #expect(try store.keep(snapshot("a", of: nil), jpeg: large))
      _ = try store.perform("Testing") { client in
        try client.write([
          "update": "snapshots.files", "updates": [["q": [:], "u": ["$set": ["metadata": ["whose": "1"]]]]],
        ])
      }
      #expect(try store.forget(id: "1").remaining == 1)
    }
  }

  @Test("a snapshot that comes when its person is forgotten already is not kept")
  func late() throws {
    try withStore { store, _ throws in
      try enroll("1", store)
      _ = try store.forget(id: "1")
      #expect(try !store.keep(snapshot("a", of: "1"), jpeg: large))
      #expect(try counts(store) == [0, 0, 0])
    }
  }

  @Test("a person who is forgotten while snapshots are kept is on none of them")
  func forgottenMeanwhile() throws {
    try withStore { store, _ throws in
      for round in 0..<20 {
        let id = "person-\(round)"
        try enroll(id, store)
        inThreads(2) { thread in
          #expect(throws: Never.self) {
            if thread == 0 {
              for number in 0..<10 { _ = try store.keep(snapshot("\(round)-\(number)", of: id), jpeg: large) }
            } else {
              usleep(UInt32(round) * 2000)
              _ = try store.forget(id: id)
            }
          }
        }
        #expect(try store.forget(id: id).snapshots == 0, "round \(round)")
        #expect(try count("snapshots.files", store) == 0, "round \(round)")
        #expect(try count("snapshots.chunks", store) == 0, "round \(round)")
      }
    }
  }

  @Test("what a writer that was killed has left goes within two hours")
  func killed() throws {
    try withStore { store, _ throws in
      #expect(try store.keep(snapshot("a"), jpeg: large))
      // As it is between the bytes and the last step.
      _ = try store.perform("Testing") { client in
        try client.write([
          "update": "snapshots",
          "updates": [["q": [:], "u": ["$set": ["state": "writing", "expires": .date(Date() + 3600)]]]],
        ])
        try client.write(["delete": "snapshots.files", "deletes": [["q": [:], "limit": 0]]])
      }
      #expect(try store.snapshot(ofEvent: "a") == nil)
      #expect(try store.removeExpiredSnapshots() == 0)
      #expect(try store.removeExpiredSnapshots(now: Date() + 7200) == 1)
      #expect(try counts(store) == [0, 0, 0])
    }
  }

  @Test("the database itself refuses a snapshot that is not as it must be")
  func refusals() throws {
    try withStore { store, _ throws in
      #expect(try store.keep(snapshot("a"), jpeg: large))
      for change: BSONDocument in [
        ["expires": "never"], ["expires": .null], ["personID": 7], ["file": "b.mp4"], ["name": "Ada"],
        ["state": "lost"],
      ] {
        let error = storeError {
          _ = try store.perform("Testing") { client in
            try client.write(["update": "snapshots", "updates": [["q": [:], "u": ["$set": .document(change)]]]])
          }
        }
        #expect(error?.code == .refused, "\(change)")
      }
      #expect(storeError { _ = try store.keep(snapshot(""), jpeg: large) }?.code == .invalidValue)
    }
  }

  @Test("a database of the fourth version opens, keeps its people, and takes snapshots")
  func migration() throws {
    try withStore { store, folder throws in
      try enroll("1", store)
      try store.perform("Testing") { client in
        for name in ["snapshots", "snapshots.files", "snapshots.chunks"] { try client.write(["drop": .string(name)]) }
        try client.write(["update": "meta", "updates": [["q": ["_id": "schema"], "u": ["$set": ["version": 4]]]]])
      }
      let opened = try folder.open()
      defer { opened.close() }
      #expect(try opened.people().map(\.id) == ["1"])
      #expect(try opened.keep(snapshot("a", of: "1"), jpeg: large))
      #expect(try opened.snapshot(ofEvent: "a")?.jpeg == large)
      let indexes = try opened.perform("Testing") { try $0.run(["listIndexes": "snapshots.chunks"]) }
      #expect(String(describing: indexes).contains("files_id_1_n_1"))
    }
  }
}
