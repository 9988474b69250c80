public import Foundation

extension Store {
  /// Keeps the picture of an event. One that is there already is left as it is.
  ///
  /// A snapshot's document comes before the bytes and goes after them: there are never bytes that nobody knows of.
  /// While they are written it expires soon, so that what a writer leaves that is killed goes by itself.
  ///
  /// - Parameter jpeg: The bytes of the file.
  /// - Returns: whether it was kept; not when the person is not enrolled any more.
  public func keep(_ snapshot: Snapshot, jpeg: Data) throws -> Bool {
    try Rules.check(snapshot)
    let id = BSON.string(snapshot.eventID)
    return try perform("Keeping a snapshot") { client in
      try client.write(
        [
          "insert": .string(StoreSchema.snapshots),
          "documents": [.document(snapshot.document(.writing, expires: Date() + Self.unfinishedLife))],
        ], tolerating: [ServerCode.duplicateKey])
      // Asked when the document is there: whoever forgets the person from now on finds it.
      if let person = snapshot.personID, try Self.enrolled(among: [person], client).isEmpty {
        try Self.removeSnapshots([snapshot.eventID], client)
        return false
      }
      try PhotoBucket(.snapshots, client).store(snapshot.eventID, name: "\(snapshot.eventID).jpg", jpeg)
      let reply = try client.write([
        "update": .string(StoreSchema.snapshots),
        "updates": [
          [
            "q": ["_id": id, "state": ["$ne": Snapshot.State.leaving.bson]],
            "u": ["$set": ["state": Snapshot.State.kept.bson, "expires": .date(snapshot.expires)]],
          ]
        ],
      ])
      guard reply["n"]?.integer == 1 else {
        try Self.removeSnapshots([snapshot.eventID], client)
        return false
      }
      return true
    }
  }

  /// The picture of an event; nil when none was kept, its time is over, or the person was forgotten.
  ///
  /// - Parameter now: Other than now in tests.
  /// - Returns: what it shows, and the bytes of a JPEG file.
  public func snapshot(ofEvent id: String, now: Date = Date()) throws -> (snapshot: Snapshot, jpeg: Data)? {
    try perform("Reading a snapshot") { client in
      var found: Snapshot?
      try client.find(
        StoreSchema.snapshots, ["_id": .string(id), "state": Snapshot.State.kept.bson, "expires": ["$gt": .date(now)]],
        options: ["limit": 1]
      ) { found = try Snapshot(Fields($0, of: StoreSchema.snapshots)) }
      guard let found, let jpeg = try PhotoBucket(.snapshots, client).get(id) else { return nil }
      return (found, jpeg)
    }
  }

  /// Which of these events have a picture that `snapshot(ofEvent:)` would give.
  ///
  /// - Parameter now: Other than now in tests.
  public func snapshotIDs(among events: [String], now: Date = Date()) throws -> Set<String> {
    try perform("Looking for snapshots") { client in
      try events.batches.reduce(into: []) { found, batch in
        found.formUnion(
          try client.ids(
            of: StoreSchema.snapshots,
            [
              "_id": ["$in": .strings(batch)], "state": Snapshot.State.kept.bson, "expires": ["$gt": .date(now)],
            ]))
      }
    }
  }

  /// Removes the snapshots whose time is over. Costs next to nothing when there are none.
  ///
  /// - Parameter now: Other than now in tests.
  /// - Returns: how many there were.
  @discardableResult
  public func removeExpiredSnapshots(now: Date = Date()) throws -> Int {
    var removed = 0
    while true {
      let batch = try perform("Removing snapshots") { client in
        let ids = try client.ids(
          of: StoreSchema.snapshots, ["expires": ["$lte": .date(now)]], limit: Self.snapshotBatch)
        if !ids.isEmpty { try Self.removeSnapshots(ids, client) }
        return ids.count
      }
      guard batch > 0 else { return removed }
      removed += batch
    }
  }

  /// Removes the pictures of a person. Their documents stay for a while, without the person: by them the bytes are
  /// found that a writer leaves who is killed at this moment.
  ///
  /// - Returns: how many there were.
  static func removeSnapshots(of person: String, _ client: MongoClient) throws -> Int {
    var removed = 0
    while true {
      let ids = try client.ids(of: StoreSchema.snapshots, ["personID": .string(person)], limit: snapshotBatch)
      guard !ids.isEmpty else { return removed }
      func set(_ fields: BSON) throws {
        try client.write([
          "update": .string(StoreSchema.snapshots),
          "updates": [["q": ["_id": ["$in": .strings(ids)]], "u": ["$set": fields], "multi": true]],
        ])
      }
      // From here on whoever still writes one of them removes it again; what was written before is removed here.
      try set(["state": Snapshot.State.leaving.bson, "expires": .date(Date() + unfinishedLife)])
      try PhotoBucket.remove(ids, from: .snapshots, client)
      try set(["personID": .null])
      removed += ids.count
    }
  }

  /// Seconds that a snapshot may be unfinished: far longer than writing one takes, or clocks differ.
  private static let unfinishedLife: TimeInterval = 3600
  /// Snapshots that are removed at a time.
  private static let snapshotBatch = 1000

  private static func removeSnapshots(_ ids: [String], _ client: MongoClient) throws {
    try PhotoBucket.remove(ids, from: .snapshots, client)
    try client.remove(ids, from: StoreSchema.snapshots)
  }
}

extension Snapshot {
  /// How far the bytes are.
  enum State: String, CaseIterable {
    /// They are on their way in.
    case writing
    /// They are there.
    case kept
    /// They are on their way out, because the person was forgotten.
    case leaving

    fileprivate var bson: BSON { .string(rawValue) }
  }

  fileprivate func document(_ state: State, expires: Date) -> BSONDocument {
    BSONDocument(fields: [
      ("_id", .string(eventID)), ("time", .date(time)), source.field, ("personID", .optional(personID)),
      ("state", state.bson), ("expires", .date(expires)),
    ])
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      eventID: try fields.string("_id"), time: try fields.date("time"), source: try Event.Source(fields),
      personID: try fields.optionalString("personID"), expires: try fields.date("expires"))
  }
}
