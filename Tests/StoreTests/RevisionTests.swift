import Foundation
import TestResources
import Testing

@testable import Store

@Suite("Revisions of the people", .serialized)
struct RevisionTests {
  @Test("changes are noticed although the clock of another machine was ahead, and although as many come as go")
  func clocks() throws {
    try withStore { store, _ throws in
      for id in ["1", "2"] { _ = try store.createPerson(id: id, name: "Ada", consent: consent) }
      // Somebody whom a machine a year ahead has changed.
      _ = try store.perform("Testing") { client in
        try client.write([
          "update": .string(StoreSchema.people),
          "updates": [["q": ["_id": "1"], "u": ["$set": ["updated": .date(Date(timeIntervalSinceNow: 31_536_000))]]]],
        ])
      }
      var revisions = [try store.peopleRevision()]
      try store.changePerson(id: "2", name: "Ada King")
      revisions.append(try store.peopleRevision())
      _ = try store.forget(id: "2")
      _ = try store.createPerson(id: "3", name: "Eve", consent: consent)
      revisions.append(try store.peopleRevision())
      #expect(revisions[0] != revisions[1] && revisions[1] != revisions[2])
      #expect(try store.peopleRevision() == revisions[2])
    }
  }
}
