public import Foundation

extension Store {
  /// Claims a request that may be sent twice, and returns what to do with it.
  ///
  /// - Parameter now: The current time. Tests pass another.
  public func claim(_ request: IdempotentRequest, now: Date = Date()) throws -> IdempotentClaim {
    try Rules.check(request)
    let work = IdempotentClaim.Work(id: request.id, claim: UUID().uuidString.lowercased())
    let fresh: BSONDocument = [
      "_id": .string(request.id), "accountID": .string(request.accountID), "digest": .string(request.digest),
      "claim": .string(work.claim), "state": IdempotentAnswer.State.running.bson, "started": .date(now),
      "expires": .date(now + IdempotentAnswer.life),
    ]
    return try perform("Looking for an earlier answer") { client in
      while true {
        let reply = try client.write(
          ["insert": .string(StoreSchema.answers), "documents": [.document(fresh)]],
          tolerating: [ServerCode.duplicateKey])
        if reply["n"]?.integer == 1 { return .yours(work) }
        var found: Fields?
        try client.find(StoreSchema.answers, ["_id": .string(request.id)], options: ["limit": 1]) {
          found = Fields($0, of: StoreSchema.answers)
        }
        // The earlier answer expired and was removed between the insert and the read.
        guard let found else { continue }
        let claim = try found.string("claim")
        // The command ran twice, and the first run made this claim.
        if claim == work.claim { return .yours(work) }
        if try found.date("expires") > now {
          guard try found.string("digest") == request.digest else { return .otherBody }
          if try found.choice("state") == IdempotentAnswer.State.done { return .answered(try IdempotentAnswer(found)) }
          if try found.date("started") > now - IdempotentAnswer.patience { return .running }
        }
        // The answer has expired, or the request was abandoned. Only one of several concurrent callers gets the claim.
        let taken = try client.write([
          "update": .string(StoreSchema.answers),
          "updates": [["q": ["_id": .string(request.id), "claim": .string(claim)], "u": .document(fresh)]],
        ])
        if taken["n"]?.integer == 1 { return .yours(work) }
      }
    }
  }

  /// Stores the answer to a request that was carried out. The answer is not stored if a person was forgotten after the
  /// request was claimed, because it may mention that person.
  public func finish(_ work: IdempotentClaim.Work, with answer: IdempotentAnswer) throws {
    try Rules.check(answer)
    var query: BSONDocument = ["_id": .string(work.id), "claim": .string(work.claim)]
    query["state"] = IdempotentAnswer.State.running.bson
    try perform("Keeping an answer") { client in
      let reply = try client.write([
        "update": .string(StoreSchema.answers),
        "updates": [["q": .document(query), "u": ["$set": .document(answer.fields)]]],
      ])
      guard reply["n"]?.integer != 1 else { return }
      query["state"] = IdempotentAnswer.State.sealed.bson
      try client.write(["delete": .string(StoreSchema.answers), "deletes": [["q": .document(query), "limit": 1]]])
    }
  }

  /// Allows a request to be sent again. Call this if the request was not carried out, or if its answer must not be
  /// stored.
  public func abandon(_ work: IdempotentClaim.Work) throws {
    let query: BSONDocument = ["_id": .string(work.id), "claim": .string(work.claim)]
    _ = try perform("Giving up a request") { client in
      try client.write(["delete": .string(StoreSchema.answers), "deletes": [["q": .document(query), "limit": 1]]])
    }
  }

  // MARK: Forgetting

  /// Removes the answers that contain one of these texts as whole words. Answers to requests that are being carried out
  /// at this time will not be stored.
  static func forgetAnswers(with texts: [String], _ client: MongoClient) throws {
    try client.write([
      "update": .string(StoreSchema.answers),
      "updates": [
        [
          "q": ["state": IdempotentAnswer.State.running.bson],
          "u": ["$set": ["state": IdempotentAnswer.State.sealed.bson]], "multi": true,
        ]
      ],
    ])
    for batch in try answers(with: texts, client).batches { try client.remove(batch, from: StoreSchema.answers) }
  }

  /// The ids of the answers that contain one of these texts as whole words.
  static func answers(with texts: [String], _ client: MongoClient) throws -> [String] {
    let mentions = try texts.map(Mention.init)
    var ids: [String] = []
    try client.find(StoreSchema.answers, ["state": IdempotentAnswer.State.done.bson]) { document in
      let fields = Fields(document, of: StoreSchema.answers)
      let answer = try IdempotentAnswer(fields)
      if answer.texts.contains(where: { text in mentions.contains { $0.occurs(in: text) } }) {
        ids.append(try fields.string("_id"))
      }
    }
    return ids
  }
}

/// A search for a text as whole words: "7" is found in "7 and 8", but not in "17:30".
struct Mention {
  private let expression: NSRegularExpression

  init(of text: String) throws {
    expression = try NSRegularExpression(pattern: Self.pattern(of: text))
  }

  /// The regular expression. The server and this process use the same one.
  static func pattern(of text: String) -> String {
    "(?<![\\p{L}\\p{N}])\(Store.pattern(for: text))(?![\\p{L}\\p{N}])"
  }

  func occurs(in text: String) -> Bool {
    expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
  }
}

extension IdempotentAnswer {
  /// The state of a request.
  enum State: String, CaseIterable {
    /// It is being carried out.
    case running
    /// It is being carried out, and its answer must not be stored, because a person was forgotten after it began.
    case sealed
    /// It was carried out.
    case done

    fileprivate var bson: BSON { .string(rawValue) }
  }

  fileprivate var fields: BSONDocument {
    var fields: BSONDocument = [
      "state": State.done.bson, "status": .int32(Int32(status)), "body": .binary(Array(body), subtype: 0),
    ]
    if let contentType { fields["contentType"] = .string(contentType) }
    if let location { fields["location"] = .string(location) }
    if let entityTag { fields["entityTag"] = .string(entityTag) }
    return fields
  }

  fileprivate init(_ fields: Fields) throws {
    guard case .binary(let body, _) = fields.document["body"] else { throw fields.damaged("body") }
    self.init(
      status: Int(try fields.integer("status")), contentType: try fields.optionalString("contentType"),
      location: try fields.optionalString("location"), entityTag: try fields.optionalString("entityTag"),
      body: Data(body))
  }

  /// All texts of an answer, without the escapes of JSON and URLs.
  fileprivate var texts: [String] {
    let headers = [location?.removingPercentEncoding ?? location, entityTag].compactMap(\.self)
    guard let json = try? JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed) else {
      return headers + [String(decoding: body, as: UTF8.self)]
    }
    var texts = headers
    var waiting = [json]
    while let value = waiting.popLast() {
      switch value {
      case let text as String: texts.append(text)
      case let values as [Any]: waiting += values
      case let object as [String: Any]:
        texts += object.keys
        waiting += object.values
      default: break
      }
    }
    return texts
  }
}
