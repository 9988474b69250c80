public import Foundation

extension Store {
  /// A filter for audit entries.
  public struct AuditQuery: Sendable, Equatable {
    /// Only entries with this name in `who`, ignoring letter case.
    public var who: String?
    /// Only entries with this action.
    public var action: AuditEntry.Action?
    /// Only entries at or after this moment.
    public var from: Date?
    /// Only entries before this moment.
    public var until: Date?

    /// A filter with the given conditions; all entries by default.
    public init(who: String? = nil, action: AuditEntry.Action? = nil, from: Date? = nil, until: Date? = nil) {
      self.who = who
      self.action = action
      self.from = from
      self.until = until
    }
  }

  /// Adds an entry to the audit log. The entry is permanent.
  ///
  /// If the entry's person is not enrolled any more, the entry is added without the person, as for a forgotten person.
  /// Only the entry for adding a person may be written before the person exists.
  public func insert(_ entry: AuditEntry) throws {
    try Rules.check(entry)
    _ = try perform("Writing the audit log") { client in
      // The command may run twice. The second run finds the same entry.
      try client.write(
        ["insert": .string(StoreSchema.audit), "documents": [.document(entry.document)]],
        tolerating: [ServerCode.duplicateKey])
      // This check comes after the entry is written, so that a later `forget` finds the entry.
      if case .person(let id) = entry.object, entry.action != .personAdd, try !client.holds(StoreSchema.people, id) {
        try Self.forgetInAudit([id], client)
      }
    }
  }

  /// The position from which to continue reading the audit log.
  public struct AuditPosition: Sendable, Equatable, LosslessStringConvertible {
    let milliseconds: Int64
    let id: String

    /// The position after this entry.
    public init(after entry: AuditEntry) {
      milliseconds = Int64((entry.time.timeIntervalSince1970 * 1000).rounded())
      id = entry.id
    }

    /// Reads a position from its `description`; nil for any other text.
    public init?(_ description: String) {
      let parts = description.split(separator: "_", maxSplits: 1).map(String.init)
      guard parts.count == 2, let milliseconds = Int64(parts[0]), UUID(uuidString: parts[1]) != nil else { return nil }
      self.milliseconds = milliseconds
      id = parts[1]
    }

    /// The position as a text without blanks. It has no meaning for people.
    public var description: String { "\(milliseconds)_\(id)" }
  }

  /// At most `limit` entries of the audit log, newest first, starting after `last`.
  public func auditEntries(_ query: AuditQuery = AuditQuery(), after last: AuditPosition? = nil, limit: Int = .max)
    throws
    -> [AuditEntry]
  {
    var conditions: [BSON] = []
    if let who = query.who { conditions.append(["who": .string(who)]) }
    if let action = query.action { conditions.append(["action": .string(action.rawValue)]) }
    if let from = query.from { conditions.append(["time": ["$gte": .date(from)]]) }
    if let until = query.until { conditions.append(["time": ["$lt": .date(until)]]) }
    if let last {
      conditions += [
        ["time": ["$lte": .milliseconds(last.milliseconds)]],
        ["$or": [["time": ["$lt": .milliseconds(last.milliseconds)]], ["_id": ["$lt": .string(last.id)]]]],
      ]
    }
    var options: BSONDocument = ["sort": ["time": -1, "_id": -1], "limit": .limit(limit)]
    if query.who != nil { options["collation"] = .document(StoreSchema.anyCase) }
    return try perform("Reading the audit log") { client in
      var entries: [AuditEntry] = []
      try client.find(StoreSchema.audit, conditions.isEmpty ? [:] : ["$and": .array(conditions)], options: options) {
        entries.append(try AuditEntry(Fields($0, of: StoreSchema.audit)))
      }
      return entries
    }
  }

  // MARK: Forgetting

  /// Removes a person from the audit log. Entries about the person lose the id. Their details are redacted if they
  /// contain the id or the name as whole words. Entries about others are redacted only where they contain the name. The
  /// id alone stays there, because a text such as "7" has many meanings.
  ///
  /// - Parameter texts: The id, and the name if it is known.
  /// - Returns: The number of entries about the person.
  @discardableResult
  static func forgetInAudit(_ texts: [String], _ client: MongoClient) throws -> Int {
    guard let id = texts.first else { return 0 }
    func update(_ query: BSONDocument, _ field: String, to value: BSON) throws -> Int {
      let set = BSON.document(BSONDocument(fields: [(field, value)]))
      return try client.write([
        "update": .string(StoreSchema.audit),
        "updates": [["q": .document(query), "u": ["$set": set], "multi": true]],
      ])["nModified"]?.integer ?? 0
    }
    for text in texts {
      _ = try update(["personID": .string(id), "detail": mention(of: text)], "detail", to: .string(redacted))
    }
    for name in texts.dropFirst() {
      for field in ["object", "detail"] {
        _ = try update(BSONDocument(fields: [(field, mention(of: name))]), field, to: .string(redacted))
      }
    }
    return try update(["personID": .string(id)], "personID", to: .null)
  }

  /// The number of audit entries whose object or detail contains this name as whole words.
  static func auditMentions(of name: String, _ client: MongoClient) throws -> Int {
    let query: BSON = ["$or": [["object": mention(of: name)], ["detail": mention(of: name)]]]
    return try client.run(["count": .string(StoreSchema.audit), "query": query])["n"]?.integer ?? 0
  }
}

extension AuditEntry {
  fileprivate var document: BSONDocument {
    var document: BSONDocument = [
      "_id": .string(id), "time": .date(time), "who": .string(who), "address": .string(address),
      "action": .string(action.rawValue),
    ]
    switch object {
    case .person(let id): document["personID"] = .string(id)
    case .account(let name): document["account"] = .string(name)
    case .other(let text): document["object"] = .string(text)
    case .forgotten: document["personID"] = .null
    case nil: break
    }
    if let detail { document["detail"] = .string(detail) }
    return document
  }

  fileprivate init(_ fields: Fields) throws {
    let object: Object? =
      if fields.document["personID"] != nil {
        try fields.optionalString("personID").map(Object.person) ?? .forgotten
      } else if let account = try fields.optionalString("account") {
        .account(account)
      } else {
        try fields.optionalString("object").map(Object.other)
      }
    self.init(
      id: try fields.string("_id"), time: try fields.date("time"), who: try fields.string("who"),
      address: try fields.string("address"), action: Action(rawValue: try fields.string("action")), object: object,
      detail: try fields.optionalString("detail"))
  }
}
