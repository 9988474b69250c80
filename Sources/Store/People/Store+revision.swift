import Foundation

/// A revision of the people. Two different revisions mean that people were changed in between. See
/// `Store.peopleRevision()`.
public struct PeopleRevision: Sendable, Equatable {
  /// Counts changes; the database counts, so no clock of any machine matters.
  let number: Int
  /// What changes even if a process stopped between a change and its count, or is older than the counter.
  let count: Int
  let updated: Date?
}

extension Store {
  /// The document that counts changes of people.
  private static let counter: BSONDocument = ["_id": "people"]

  /// A value that differs from the earlier one if a person was enrolled, changed or forgotten in between.
  public func peopleRevision() throws -> PeopleRevision {
    try perform("Looking for changed people") { client in
      var number = 0
      try client.find(StoreSchema.meta, Self.counter, options: ["limit": 1]) {
        number = $0["revision"]?.integer ?? 0
      }
      var updated: Date?
      try client.find(
        StoreSchema.people, [:], options: ["projection": ["updated": 1], "sort": ["updated": -1], "limit": 1]
      ) { updated = try Fields($0, of: StoreSchema.people).date("updated") }
      let count = try client.run(["count": .string(StoreSchema.people)])["n"]?.integer ?? 0
      return PeopleRevision(number: number, count: count, updated: updated)
    }
  }

  /// Runs a command that changes a person, and counts the change.
  static func changePeople(_ command: BSONDocument, _ client: MongoClient) throws -> BSONDocument {
    let reply = try client.write(command)
    try client.write([
      "update": .string(StoreSchema.meta),
      "updates": [["q": .document(counter), "u": ["$inc": ["revision": .int64(1)]], "upsert": true]],
    ])
    return reply
  }
}
