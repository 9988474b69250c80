public import Foundation

extension Store {
  /// Which audit entries to read.
  public struct AuditQuery: Sendable, Equatable {
    /// Only what this one did, in any letter case.
    public var who: String?
    /// Only of this kind.
    public var action: AuditEntry.Action?
    /// Not before this moment.
    public var from: Date?
    /// Before this moment.
    public var until: Date?

    /// All entries, unless narrowed.
    public init(who: String? = nil, action: AuditEntry.Action? = nil, from: Date? = nil, until: Date? = nil) {
      self.who = who
      self.action = action
      self.from = from
      self.until = until
    }
  }

  /// Adds an entry to the audit log. It stays.
  ///
  /// An entry about a person who is not enrolled any more is added without the person, as about one who was forgotten;
  /// only the one that says that a person is being added may come before the person.
  public func insert(_ entry: AuditEntry) throws {
    try Rules.check(entry)
    _ = try perform("Writing the audit log") { client in
      // The command may run twice; the entry is the same then.
      try client.write(
        ["insert": .string(StoreSchema.audit), "documents": [.document(entry.document)]],
        tolerating: [ServerCode.duplicateKey])
      // Asked when the entry is there: whoever forgets the person from now on finds it.
      if case .person(let id) = entry.object, entry.action != .personAdd, try !client.holds(StoreSchema.people, id) {
        try Self.forgetInAudit([id], client)
      }
    }
  }

  /// Where to go on reading the audit log.
  public struct AuditPosition: Sendable, Equatable, LosslessStringConvertible {
    let milliseconds: Int64
    let id: String

    /// Behind this entry.
    public init(after entry: AuditEntry) {
      milliseconds = Int64((entry.time.timeIntervalSince1970 * 1000).rounded())
      id = entry.id
    }

    /// As `description` says it; nil when this is no position.
    public init?(_ description: String) {
      let parts = description.split(separator: "_", maxSplits: 1).map(String.init)
      guard parts.count == 2, let milliseconds = Int64(parts[0]), UUID(uuidString: parts[1]) != nil else { return nil }
      self.milliseconds = milliseconds
      id = parts[1]
    }

    /// A text without blanks, which says nothing to people.
    public var description: String { "\(milliseconds)_\(id)" }
  }

  /// The audit log, newest entry first, from behind `last` on, at most `limit` of them.
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

  /// Takes a person out of the audit log: entries about the person lose the id, and whatever else of them has the id or
  /// the name as words of its own. In entries about others the name goes; the id alone does not, for "7" means many
  /// things there.
  ///
  /// - Parameter texts: the id, and the name if it is known.
  /// - Returns: how many entries were about the person.
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

  /// How many audit entries have this name within what they say.
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
