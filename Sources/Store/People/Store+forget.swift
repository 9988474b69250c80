import Foundation
import Values

extension Store {
  /// The result of `forget`, with the proof that it worked.
  public struct Forgotten: Sendable, Equatable {
    /// Whether the person was enrolled.
    public let wasEnrolled: Bool
    /// Templates that were removed.
    public let templates: Int
    /// Events that were made anonymous.
    public let events: Int
    /// Marks that were removed.
    public let marks: Int
    /// Snapshots that were removed.
    public let snapshots: Int
    /// Audit entries about the person that lost the person's id.
    public let auditEntries: Int
    /// The number of documents, of all collections, that still contain the id, and of audit entries and stored answers
    /// that contain the name. 0 is the proof.
    public let remaining: Int

    /// The result plus what was found outside the database.
    public func adding(events: Int, remaining: Int) -> Forgotten {
      Forgotten(
        wasEnrolled: wasEnrolled, templates: templates, events: self.events + events, marks: marks,
        snapshots: snapshots, auditEntries: auditEntries, remaining: self.remaining + remaining)
    }
  }

  /// The number of photos that a person's templates were made from. Templates of one photo by several encoders count
  /// once.
  private static func photoCount(_ person: BSONDocument?) -> Int {
    Set((person?["templates"]?.array ?? []).compactMap { $0.document?["digest"]?.string }).count
  }

  /// Removes a person and the person's templates, makes the person's events anonymous, and then searches every document
  /// of every collection for the id.
  ///
  /// The person's snapshots are removed. The marks are removed as a whole: without a person they have no meaning, and
  /// their reasons are about a person. Other reasons and names of operators become “(…)” if they contain the id, or the
  /// full name, as whole words.
  ///
  /// The audit log keeps its entries. Entries about the person lose the id. They still say who did what, when and from
  /// where. Stored answers to requests that may be sent twice are removed if they contain the id or the name. Names of
  /// accounts stay, even a name that equals the person's id, because an account is removed separately.
  ///
  /// To finish a run that was interrupted, run it again. Other processes that still hold the person in memory cannot
  /// bring the id back: an event of a person who is not enrolled is recorded without the person.
  public func forget(id: String) throws -> Forgotten {
    try Rules.check(personID: id)
    return try perform("Forgetting a person") { client in
      // Read first: if the run is interrupted after the next step, the name is lost.
      var texts = [id]
      try client.find(StoreSchema.people, ["_id": .string(id)], options: ["projection": ["name": 1]]) {
        texts.append(try Fields($0, of: StoreSchema.people).string("name"))
      }
      try Self.redact(texts, client)
      // Entries about others lose the name here, while it is known.
      var auditEntries = try Self.forgetInAudit(texts, client)
      try Self.forgetAnswers(with: texts, client)
      // The person is removed before everything that refers to the id, so that no new event refers to it.
      let removal: BSONDocument = [
        "findAndModify": .string(StoreSchema.people), "query": ["_id": .string(id)], "remove": true,
        "fields": ["templates.digest": 1],
      ]
      let removed = try Self.changePeople(removal, client)["value"]?.document
      let marks = try Self.removeMarks(of: id, client)
      let snapshots = try Self.removeSnapshots(of: id, client)
      let events = try Self.anonymise(id, client)
      // Repeated for entries and answers that were written before the person was removed.
      auditEntries += try Self.forgetInAudit(texts, client)
      try Self.forgetAnswers(with: texts, client)
      let remaining =
        try Self.documents(holding: id, client) + Self.mentions(of: id, client)
        + texts.dropFirst().reduce(0) { try $0 + Self.auditMentions(of: $1, client) }
        + Self.answers(with: texts, client).count
      return Forgotten(
        wasEnrolled: removed != nil, templates: Self.photoCount(removed), events: events,
        marks: marks, snapshots: snapshots, auditEntries: auditEntries, remaining: remaining)
    }
  }

  /// Removes the person from the log's events.
  ///
  /// - Returns: The number of events that were the person's.
  static func anonymise(_ id: String, _ client: MongoClient) throws -> Int {
    let reply = try client.write([
      "update": .string(StoreSchema.events),
      "updates": [
        [
          "q": ["personID": .string(id)],
          "u": ["$set": ["personID": .null, "status": .string(FaceStatus.forgotten.rawValue)]],
          "multi": true,
        ]
      ],
    ])
    return reply["nModified"]?.integer ?? 0
  }

  private static func documents(holding id: String, _ client: MongoClient) throws -> Int {
    let pattern = StringPattern(id)
    return try documents(client, where: pattern.occurs)
  }

  /// The number of documents, of all collections, whose bytes match. The bytes of pictures are not read from the
  /// server, because they contain no text.
  static func documents(_ client: MongoClient, where matches: (UnsafeRawBufferPointer) throws -> Bool) throws -> Int {
    let reply = try client.run(["listCollections": 1, "nameOnly": true])
    let collections = reply["cursor"]?.document?["firstBatch"]?.array ?? []
    var count = 0
    for name in collections.compactMap({ $0.document?["name"]?.string }) where !name.hasPrefix("system.") {
      let isBytes = PhotoBucket.Name.allCases.contains { $0.chunks == name }
      let unsearched = isBytes ? ["data": 0] : StoreSchema.accountNames[name]
      let options: BSONDocument = unsearched.map { ["projection": .document($0)] } ?? [:]
      try client.findBytes(name, [:], options: options) { if try matches($0) { count += 1 } }
    }
    return count
  }
}

/// A search for a text among the string values of a BSON document, at any depth and in any field.
struct StringPattern {
  /// The value as BSON writes it: length with the closing NUL, text, NUL.
  private let bytes: [UInt8]

  init(_ text: String) {
    let utf8 = Array(text.utf8)
    let length = withUnsafeBytes(of: Int32(utf8.count + 1).littleEndian) { Array($0) }
    bytes = length + utf8 + [0]
  }

  /// Whether a string value of `document` is exactly this text.
  func occurs(in document: UnsafeRawBufferPointer) -> Bool {
    guard let start = document.baseAddress, document.count >= bytes.count else { return false }
    // Searches for the text's first byte, which is rarer than the small numbers of a length.
    let lead = 4
    var offset = lead
    let last = document.count - (bytes.count - lead)
    while offset <= last, let hit = memchr(start + offset, Int32(bytes[lead]), last - offset + 1) {
      offset = UnsafeRawPointer(hit) - start
      if memcmp(start + offset - lead, bytes, bytes.count) == 0 { return true }
      offset += 1
    }
    return false
  }
}
