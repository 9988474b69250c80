public import Foundation
import Values

extension Store {
  /// A filter for marks.
  public struct MarkQuery: Sendable, Equatable {
    /// Only marks at or after this moment.
    public var from: Date?
    /// Only marks before this moment.
    public var until: Date?
    /// Only marks of this person.
    public var personID: String?

    /// A filter with the given conditions; all marks by default.
    public init(from: Date? = nil, until: Date? = nil, personID: String? = nil) {
      self.from = from
      self.until = until
      self.personID = personID
    }
  }

  /// Records a mark.
  ///
  /// - Throws: `StoreError` with code `notFound` if the person is not enrolled.
  public func insert(_ mark: Mark) throws {
    try Rules.check(mark)
    try perform("Recording a mark") { client in
      guard try client.holds(StoreSchema.people, mark.personID) else {
        throw Self.nobody(mark.personID, "Recording a mark")
      }
      // The command may run twice. The second run finds the same mark.
      try client.write(
        ["insert": .string(StoreSchema.marks), "documents": [mark.bson]], tolerating: [ServerCode.duplicateKey])
      // The person may be forgotten between the check and the write. `forget` did not find this mark then.
      guard try client.holds(StoreSchema.people, mark.personID) else {
        _ = try Self.removeMarks(of: mark.personID, client)
        throw Self.nobody(mark.personID, "Recording a mark")
      }
    }
  }

  /// Voids an event or a mark. An event or mark that is void already keeps its first voiding.
  ///
  /// - Returns: Whether it counted before.
  /// - Throws: `StoreError` with code `notFound` if there is no such event or mark.
  public func insert(_ voiding: Voiding) throws -> Bool {
    try Rules.check(voiding)
    return try perform("Voiding an event") { client in
      guard
        try client.holds(StoreSchema.events, voiding.eventID) || client.holds(StoreSchema.marks, voiding.eventID)
      else {
        throw StoreError(
          .notFound, "Voiding an event", cause: "the log has no event \"\(voiding.eventID)\"",
          advice: "See the last column of `rollcall attendance list` for the ids there are.")
      }
      let reply = try client.write(
        ["insert": .string(StoreSchema.voidings), "documents": [voiding.bson]], tolerating: [ServerCode.duplicateKey])
      return reply["n"]?.integer == 1
    }
  }

  /// At most `limit` marks, ordered by time, then by id.
  ///
  /// - Parameter place: Only marks after this place; nil for all.
  public func marks(_ query: MarkQuery = MarkQuery(), after place: LogPlace? = nil, limit: Int = .max) throws -> [Mark]
  {
    var conditions: [BSON] = []
    if let from = query.from { conditions.append(["time": ["$gte": .date(from)]]) }
    if let until = query.until { conditions.append(["time": ["$lt": .date(until)]]) }
    if let personID = query.personID { conditions.append(["personID": .string(personID)]) }
    if let place { conditions += place.conditions }
    let options: BSONDocument = ["sort": ["time": 1, "_id": 1], "limit": .limit(limit)]
    return try perform("Reading marks") { client in
      var marks: [Mark] = []
      try client.find(StoreSchema.marks, conditions.isEmpty ? [:] : ["$and": .array(conditions)], options: options) {
        marks.append(try Mark(Fields($0, of: StoreSchema.marks)))
      }
      return marks
    }
  }

  /// All voidings, by the id of the event or mark.
  public func voidings() throws -> [String: Voiding] {
    var voidings: [String: Voiding] = [:]
    try forEachDocument(StoreSchema.voidings, [:], sort: ["_id": 1]) {
      let voiding = try Voiding($0)
      voidings[voiding.eventID] = voiding
    }
    return voidings
  }

  // MARK: Forgetting

  /// The text that replaces a text with a mention of a forgotten person. It contains no word that could be an id.
  static let redacted = "(…)"

  /// Removes a person's marks and the voidings of these marks. Voidings of the person's events lose their reason,
  /// because the reason is about the person. Call this while the events still have the person's id.
  ///
  /// - Returns: The number of marks that were removed.
  static func removeMarks(of id: String, _ client: MongoClient) throws -> Int {
    // Voidings are few: people make them one by one.
    for batch in try client.ids(of: StoreSchema.voidings, [:]).batches {
      let among: BSON = ["$in": .strings(batch)]
      let events = try client.ids(of: StoreSchema.events, ["_id": among, "personID": .string(id)])
      try client.write([
        "update": .string(StoreSchema.voidings),
        "updates": [
          [
            "q": ["_id": ["$in": .strings(events)]], "u": ["$set": ["reason": .string(redacted)]], "multi": true,
          ]
        ],
      ])
    }
    // The voidings are removed first. While its mark exists, the next run finds a voiding again if this run is
    // interrupted.
    let marks = try client.ids(of: StoreSchema.marks, ["personID": .string(id)])
    for batch in marks.batches {
      for collection in [StoreSchema.voidings, StoreSchema.marks] { try client.remove(batch, from: collection) }
    }
    return marks.count
  }

  /// Redacts what operators wrote about others: a name or a reason is replaced if it contains one of `texts` as whole
  /// words.
  static func redact(_ texts: [String], _ client: MongoClient) throws {
    for collection in [StoreSchema.marks, StoreSchema.voidings] {
      for field in ["by", "reason"] {
        let updates = texts.map { text -> BSON in
          [
            "q": .document(BSONDocument(fields: [(field, mention(of: text))])),
            "u": ["$set": .document(BSONDocument(fields: [(field, .string(redacted))]))], "multi": true,
          ]
        }
        try client.write(["update": .string(collection), "updates": .array(updates)])
      }
    }
  }

  /// The number of marks and voidings in which operators wrote this text as whole words.
  static func mentions(of text: String, _ client: MongoClient) throws -> Int {
    try [StoreSchema.marks, StoreSchema.voidings].reduce(0) { count, collection in
      let query: BSON = ["$or": [["by": mention(of: text)], ["reason": mention(of: text)]]]
      return count + (try client.run(["count": .string(collection), "query": query])["n"]?.integer ?? 0)
    }
  }

  /// A condition that finds a text as whole words: "7" is found in "7 and 8", but not in "17:30".
  static func mention(of text: String) -> BSON {
    ["$regex": .string(Mention.pattern(of: text))]
  }
}

extension Mark {
  fileprivate var bson: BSON {
    [
      "_id": .string(id), "personID": .string(personID), "direction": .string(direction.rawValue), "time": .date(time),
      "by": .string(by), "reason": .string(reason), "recorded": .date(recorded),
    ]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      id: try fields.string("_id"), personID: try fields.string("personID"),
      direction: try fields.choice("direction"), time: try fields.date("time"), by: try fields.string("by"),
      reason: try fields.string("reason"), recorded: try fields.date("recorded"))
  }
}

extension Voiding {
  fileprivate var bson: BSON {
    ["_id": .string(eventID), "by": .string(by), "reason": .string(reason), "recorded": .date(recorded)]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      eventID: try fields.string("_id"), by: try fields.string("by"), reason: try fields.string("reason"),
      recorded: try fields.date("recorded"))
  }
}
