public import Foundation

extension Store {
  /// Stores the picture of an event. A picture that is stored already stays as it is.
  ///
  /// The snapshot's document is written before the bytes and removed after them, so that stored bytes always have a
  /// document. During the upload the document has an early expiry. So the remains of a writer that was killed are
  /// removed like an expired snapshot.
  ///
  /// - Parameter jpeg: The bytes of the JPEG file.
  /// - Returns: Whether the picture was stored; false if the person is not enrolled any more.
  public func keep(_ snapshot: Snapshot, jpeg: Data) throws -> Bool {
    try Rules.check(snapshot)
    let id = BSON.string(snapshot.eventID)
    return try perform("Keeping a snapshot") { client in
      try client.write(
        [
          "insert": .string(StoreSchema.snapshots),
          "documents": [.document(snapshot.document(.writing, expires: Date() + Self.unfinishedLife))],
        ], tolerating: [ServerCode.duplicateKey])
      // This check comes after the document is written, so that a later `forget` finds the document.
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

  /// The picture of an event; nil if none is stored, if it has expired, or if the person was forgotten.
  ///
  /// - Parameter now: The current time. Tests pass another.
  /// - Returns: The description of the picture, and the bytes of a JPEG file.
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

  /// The ids among `events` for which `snapshot(ofEvent:)` returns a picture.
  ///
  /// - Parameter now: The current time. Tests pass another.
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

  /// Removes the expired snapshots. This is very cheap if there are none.
  ///
  /// - Parameter now: The current time. Tests pass another.
  /// - Returns: The number of snapshots that were removed.
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

  /// Removes the pictures of a person. Their documents stay for a while, without the person. They lead to the bytes
  /// that a writer leaves behind if it is killed at this moment.
  ///
  /// - Returns: The number of pictures that were removed.
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
      // From here on, a process that is still writing one of these pictures removes it again. Pictures written before
      // are removed here.
      try set(["state": Snapshot.State.leaving.bson, "expires": .date(Date() + unfinishedLife)])
      try PhotoBucket.remove(ids, from: .snapshots, client)
      try set(["personID": .null])
      removed += ids.count
    }
  }

  /// Seconds for which a snapshot may be unfinished. This is far longer than an upload takes, and far more than clocks
  /// differ.
  private static let unfinishedLife: TimeInterval = 3600
  /// The number of snapshots removed at a time.
  private static let snapshotBatch = 1000

  private static func removeSnapshots(_ ids: [String], _ client: MongoClient) throws {
    try PhotoBucket.remove(ids, from: .snapshots, client)
    try client.remove(ids, from: StoreSchema.snapshots)
  }
}

extension Snapshot {
  /// The state of the bytes.
  enum State: String, CaseIterable {
    /// They are being written.
    case writing
    /// They are stored.
    case kept
    /// They are being removed, because the person was forgotten.
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
