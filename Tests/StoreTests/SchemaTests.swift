import Foundation
import Posix
import Testing
import Values

@testable import Store

@Suite(.serialized)
struct SchemaTests {
  private static let goodPerson: BSONDocument = [
    "_id": "1", "name": "Ada", "groups": ["a"],
    "consent": ["text": "yes", "date": .milliseconds(0), "recorded": .milliseconds(0)],
    "created": .milliseconds(0), "updated": .milliseconds(0),
    "templates": [.document(goodTemplate)],
  ]
  private static let goodTemplate: BSONDocument = [
    "digest": .string(String(repeating: "a", count: 64)), "embedding": .floats(Array(repeating: 0.5, count: 128)),
    "encoder": "e", "quality": .double(1), "source": "a.jpg", "created": .milliseconds(0),
  ]
  private static let goodEvent: BSONDocument = [
    "_id": "s", "time": .milliseconds(0), "camera": "door", "personID": .null, "status": "unknown", "method": .null,
    "confidence": .null, "box": [.double(0), .double(0), .double(1), .double(1)], "recorded": .milliseconds(0),
  ]

  private static let goodMark: BSONDocument = [
    "_id": "3f0c9a52-0d6e-4c1b-9a63-5d0b0d9f2a11", "personID": "1", "direction": "in", "time": .milliseconds(0),
    "by": "Ann", "reason": "badge", "recorded": .milliseconds(0),
  ]
  private static let goodVoiding: BSONDocument = [
    "_id": "s", "by": "Ann", "reason": "somebody else", "recorded": .milliseconds(0),
  ]

  private func insert(_ document: BSONDocument, into collection: String, _ store: Store) -> StoreError? {
    storeError {
      try store.perform("Testing") { client in
        try client.write(["insert": .string(collection), "documents": [.document(document)]])
        try client.write(["delete": .string(collection), "deletes": [["q": [:], "limit": 0]]])
      }
    }
  }

  @Test("the database itself refuses what is not as it must be, and its log tells nothing about it")
  func refusals() throws {
    try withStore { store, folder throws in
      #expect(insert(Self.goodPerson, into: "people", store) == nil)
      #expect(insert(Self.goodEvent, into: "sightings", store) == nil)

      var people: [BSONDocument] = []
      for key in Self.goodPerson.fields.map(\.key) where key != "_id" { people.append(Self.goodPerson.with(key, nil)) }
      people.append(Self.goodPerson.with("_id", 1))
      people.append(Self.goodPerson.with("nickname", "Countess"))
      people.append(Self.goodPerson.with("name", .string(String(repeating: "a", count: 201))))
      people.append(Self.goodPerson.with("groups", ["a", "a"]))
      people.append(
        Self.goodPerson.with("consent", ["text": "", "date": .milliseconds(0), "recorded": .milliseconds(0)]))
      people.append(Self.goodPerson.with("consent", ["text": "yes"]))
      let templates: [BSONDocument] = [
        Self.goodTemplate.with("embedding", .floats(Array(repeating: 0.5, count: 127))),
        Self.goodTemplate.with("embedding", .array(Array(repeating: .double(0.5), count: 128))),
        Self.goodTemplate.with("digest", .string(String(repeating: "A", count: 64))),
        Self.goodTemplate.with("encoder", nil),
        Self.goodTemplate.with("distance", .double(0.4)),
      ]
      people += templates.map { Self.goodPerson.with("templates", [.document($0)]) }
      for document in people {
        let error = insert(document, into: "people", store)
        #expect(error?.code == .refused || error?.code == .failed, "\(document.fields.map(\.key))")
      }

      let events: [BSONDocument] = [
        Self.goodEvent.with("file", "a.jpg"),
        Self.goodEvent.with("camera", nil),
        Self.goodEvent.with("time", "2026-11-21"),
        Self.goodEvent.with("status", "maybe"),
        Self.goodEvent.with("method", "nose"),
        Self.goodEvent.with("confidence", .double(1.5)),
        Self.goodEvent.with("mask", "helmet"),
        Self.goodEvent.with("kind", "departure"),
        Self.goodEvent.with("personID", 7),
        Self.goodEvent.with("box", [.double(1)]),
        Self.goodEvent.with("name", "Ada"),
      ]
      for document in events {
        #expect(insert(document, into: "sightings", store)?.code == .refused, "\(document.fields.map(\.key))")
      }

      #expect(insert(Self.goodMark, into: "marks", store) == nil)
      for document in [
        Self.goodMark.with("_id", "1"), Self.goodMark.with("direction", "up"), Self.goodMark.with("reason", nil),
        Self.goodMark.with("by", ""), Self.goodMark.with("name", "Ada"), Self.goodMark.with("personID", .null),
      ] {
        #expect(insert(document, into: "marks", store)?.code == .refused, "\(document.fields.map(\.key))")
      }
      #expect(insert(Self.goodVoiding, into: "voidings", store) == nil)
      for document in [
        Self.goodVoiding.with("reason", nil), Self.goodVoiding.with("by", nil),
        Self.goodVoiding.with("recorded", "today"), Self.goodVoiding.with("personID", "1"),
      ] {
        #expect(insert(document, into: "voidings", store)?.code == .refused, "\(document.fields.map(\.key))")
      }

      let log = try Descriptor(folder.path("db/mongod.log"), flags: O_RDONLY).text(limit: 10_000_000)
      #expect(log.contains("Listening on"))
      #expect(!log.contains("Ada") && !log.contains("Countess") && !log.contains("a.jpg"))
    }
  }

  @Test("a database that a newer Rollcall has written is left alone")
  func newer() throws {
    try withStore { store, folder throws in
      _ = try store.perform("Testing") { client in
        try client.write(["update": "meta", "updates": [["q": ["_id": "schema"], "u": ["$set": ["version": 99]]]]])
      }
      let error = storeError { _ = try folder.open() }
      #expect(error?.code == .newerSchema)
      #expect(error?.description.contains("schema 99") == true)
    }
  }

  @Test("collections that are there already get the schema")
  func existingCollections() throws {
    try withStore { store, folder throws in
      try store.perform("Testing") { client in
        for name in ["people", "sightings", "marks", "voidings", "meta"] { try client.write(["drop": .string(name)]) }
        try client.write(["create": "people"])
      }
      try folder.open().close()
      #expect(insert(["_id": "1"], into: "people", store)?.code == .refused)
    }
  }

  @Test("a database of the first version opens, keeps its sightings, and takes sightings with a mask")
  func migration() throws {
    try withStore { store, folder throws in
      // As version 1 left it: a schema that knows no masks, and a event without one.
      _ = try store.perform("Testing") { client in
        try client.write([
          "collMod": "sightings",
          "validator": ["$jsonSchema": ["bsonType": "object", "properties": ["mask": ["not": [:]]]]],
        ])
        try client.write(["insert": "sightings", "documents": [.document(Self.goodEvent)]])
        try client.write(["update": "meta", "updates": [["q": ["_id": "schema"], "u": ["$set": ["version": 1]]]]])
      }
      for _ in 0..<2 {
        let migrated = try folder.open()
        defer { migrated.close() }
        _ = try migrated.insertEvents([event("new", at: 1, of: nil, mask: .incorrect)])
        #expect(try migrated.events().map(\.id) == ["s", "new"])
        #expect(try migrated.events().map(\.mask) == [nil, .incorrect])
      }
    }
  }

  @Test("a database of the third version opens, its sightings are of photos, and it takes other kinds and marks")
  func kinds() throws {
    try withStore { store, folder throws in
      _ = try store.perform("Testing") { client in
        try client.write([
          "collMod": "sightings",
          "validator": ["$jsonSchema": ["bsonType": "object", "properties": ["kind": ["not": [:]]]]],
        ])
        for name in ["marks", "voidings"] { try client.write(["drop": .string(name)]) }
        try client.write(["insert": "sightings", "documents": [.document(Self.goodEvent)]])
        try client.write(["update": "meta", "updates": [["q": ["_id": "schema"], "u": ["$set": ["version": 3]]]]])
      }
      let migrated = try folder.open()
      defer { migrated.close() }
      _ = try migrated.insertEvents([event("new", kind: .seen, at: 1, of: nil)])
      #expect(try migrated.events().map(\.kind) == [.photo, .seen])
      #expect(insert(Self.goodMark, into: "marks", migrated) == nil)
      #expect(insert(Self.goodVoiding.with("by", nil), into: "voidings", migrated)?.code == .refused)
    }
  }

  @Test("a database of the fifth version opens, keeps its people, and takes accounts and an audit log")
  func access() throws {
    try withStore { store, folder throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      try store.perform("Testing") { client in
        for (name, _) in StoreSchema.accessValidators { try client.write(["drop": .string(name)]) }
        try client.write(["update": "meta", "updates": [["q": ["_id": "schema"], "u": ["$set": ["version": 5]]]]])
      }
      let migrated = try folder.open()
      defer { migrated.close() }
      #expect(try migrated.insert(Account(name: "ann", role: .admin, passwordHash: "h")))
      #expect(try !migrated.insert(Account(name: "ANN", role: .admin, passwordHash: "h")))
      try migrated.insert(AuditEntry(who: "ann", address: "::1", action: .look, object: .person("1")))
      #expect(try migrated.forget(id: "1").auditEntries == 1)
      #expect(insert(["_id": "1"], into: "audit", migrated)?.code == .refused)
    }
  }

  @Test("every write waits for a majority and its disks, and every read sees only what a majority has")
  func majority() throws {
    try withStore { store, _ throws in
      _ = try store.perform("Testing") { client in try client.run(["profile": 2]) }
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      try store.changePerson(id: "1", name: "Ada Byron")
      _ = try store.insertEvents([event("a", at: 1, of: "1")])
      _ = try store.events()
      _ = try store.forget(id: "1")
      _ = try store.perform("Testing") { client in try client.run(["profile": 0]) }
      var writes = 0
      var reads = 0
      try store.perform("Testing") { client in
        try client.find("system.profile", [:]) { entry in
          guard let command = entry["command"]?.document, let verb = command.fields.first?.key else { return }
          switch verb {
          // What is profiled of an update does not tell.
          case "findAndModify", "insert":
            let concern = command["writeConcern"]?.document
            #expect(concern?["w"] == "majority")
            #expect(concern?["j"] == true)
            #expect(concern?["wtimeout"]?.integer == 10_000)
            writes += 1
          case "find":
            #expect(command["readConcern"]?.document?["level"] == "majority")
            reads += 1
          default: break
          }
        }
      }
      #expect(writes == 4)
      #expect(reads >= 4)
    }
  }

  @Test("reading the log by time and by person uses an index", arguments: ["sightings", "marks"])
  func indexes(collection: String) throws {
    try withStore { store, _ throws in
      let behind = Store.LogPlace(time: Date(timeIntervalSince1970: 0), id: "a").conditions
      for query: BSONDocument in [["time": ["$gte": .milliseconds(0)]], ["personID": "1"], ["$and": .array(behind)]] {
        let plan = try store.perform("Testing") { client in
          try client.run([
            "explain": ["find": .string(collection), "filter": .document(query), "sort": ["time": 1, "_id": 1]],
            "verbosity": "queryPlanner",
          ])
        }
        let text = String(describing: plan)
        #expect(text.contains("IXSCAN"))
        #expect(!text.contains("COLLSCAN") && !text.contains("\"SORT\""))
      }
    }
  }
}

extension BSONDocument {
  /// The same document with another value, or without one.
  fileprivate func with(_ key: String, _ value: BSON?) -> BSONDocument {
    var changed = self
    changed[key] = value
    return changed
  }
}
