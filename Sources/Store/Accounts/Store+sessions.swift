public import Foundation

extension Store {
  /// Stores a new session.
  public func insert(_ session: Session) throws {
    try Rules.check(session)
    _ = try perform("Beginning a session") { client in
      // The command may run twice. The second run finds the same session.
      try client.write(
        ["insert": .string(StoreSchema.sessions), "documents": [session.bson]], tolerating: [ServerCode.duplicateKey])
    }
  }

  /// The session with this id; nil if there is none. A session that is over is returned too until it is removed.
  public func session(id: String) throws -> Session? {
    try perform("Reading a session") { client in
      var session: Session?
      try client.find(StoreSchema.sessions, ["_id": .string(id)], options: ["limit": 1]) {
        session = try Session(Fields($0, of: StoreSchema.sessions))
      }
      return session
    }
  }

  /// Records the use of a session, and the new moment at which it is over.
  public func noteUse(ofSession id: String, at time: Date, expires: Date) throws {
    try update(
      StoreSchema.sessions, id, ["lastUsed": .date(time), "expires": .date(expires)], "Noting that a session is used")
  }

  /// Gives a session the new stamp of its account, so that the session continues.
  public func restamp(session id: String, _ stamp: String) throws {
    try Rules.check(stamp, "an account's stamp", longest: Rules.stampLength)
    try update(StoreSchema.sessions, id, ["stamp": .string(stamp)], "Keeping a session")
  }

  /// Ends a session. Does nothing if there is no such session.
  public func removeSession(id: String) throws {
    _ = try perform("Ending a session") { try $0.remove([id], from: StoreSchema.sessions) }
  }

  /// Ends the sessions of an account.
  ///
  /// - Parameter kept: The id of the session that continues; nil to end all.
  public func removeSessions(ofAccount accountID: String, except kept: String? = nil) throws {
    var query: BSONDocument = ["accountID": .string(accountID)]
    if let kept { query["_id"] = ["$ne": .string(kept)] }
    _ = try perform("Ending sessions") { client in
      try client.write(["delete": .string(StoreSchema.sessions), "deletes": [["q": .document(query), "limit": 0]]])
    }
  }

  /// Sets fields of a document. Does nothing if the document does not exist any more.
  func update(_ collection: String, _ id: String, _ values: BSONDocument, _ operation: String) throws {
    _ = try perform(operation) { client in
      try client.write([
        "update": .string(collection),
        "updates": [["q": ["_id": .string(id)], "u": ["$set": .document(values)]]],
      ])
    }
  }
}

extension Session {
  fileprivate var bson: BSON {
    [
      "_id": .string(id), "accountID": .string(accountID), "stamp": .string(stamp), "csrf": .string(csrf),
      "created": .date(created), "lastUsed": .date(lastUsed), "expires": .date(expires),
    ]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      id: try fields.string("_id"), accountID: try fields.string("accountID"), stamp: try fields.string("stamp"),
      csrf: try fields.string("csrf"), created: try fields.date("created"), lastUsed: try fields.date("lastUsed"),
      expires: try fields.date("expires"))
  }
}
