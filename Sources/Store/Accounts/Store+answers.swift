public import Foundation

extension Store {
  /// Asks what to do with a request that may be sent twice.
  ///
  /// - Parameter now: Other than now in tests.
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
        // Gone between the two looks: its time was over.
        guard let found else { continue }
        let claim = try found.string("claim")
        // The command has run twice.
        if claim == work.claim { return .yours(work) }
        if try found.date("expires") > now {
          guard try found.string("digest") == request.digest else { return .otherBody }
          if try found.choice("state") == IdempotentAnswer.State.done { return .answered(try IdempotentAnswer(found)) }
          if try found.date("started") > now - IdempotentAnswer.patience { return .running }
        }
        // Over, or given up. Of several that come now, one gets it.
        let taken = try client.write([
          "update": .string(StoreSchema.answers),
          "updates": [["q": ["_id": .string(request.id), "claim": .string(claim)], "u": .document(fresh)]],
        ])
        if taken["n"]?.integer == 1 { return .yours(work) }
      }
    }
  }

  /// Keeps the answer to a request that was carried out. It is not kept when somebody was forgotten since the request
  /// was claimed, for it may speak of that person.
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

  /// Lets a request that was not carried out, or whose answer must not be kept, be sent again.
  public func abandon(_ work: IdempotentClaim.Work) throws {
    let query: BSONDocument = ["_id": .string(work.id), "claim": .string(work.claim)]
    _ = try perform("Giving up a request") { client in
      try client.write(["delete": .string(StoreSchema.answers), "deletes": [["q": .document(query), "limit": 1]]])
    }
  }

  // MARK: Forgetting

  /// Removes the answers that have one of these texts as words of its own. Answers to requests that are being carried
  /// out now will not be kept.
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

  /// The ids of the answers that have one of these texts as words of its own.
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

/// Finds a text between other words: "7" is in "7 and 8", not in "17:30".
struct Mention {
  private let expression: NSRegularExpression

  init(of text: String) throws {
    expression = try NSRegularExpression(pattern: Self.pattern(of: text))
  }

  /// The same for the server as for here.
  static func pattern(of text: String) -> String {
    "(?<![\\p{L}\\p{N}])\(Store.pattern(for: text))(?![\\p{L}\\p{N}])"
  }

  func occurs(in text: String) -> Bool {
    expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
  }
}

extension IdempotentAnswer {
  /// How far a request is.
  enum State: String, CaseIterable {
    /// It is being carried out.
    case running
    /// It is being carried out, and its answer must not be kept, because somebody was forgotten since it began.
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

  /// All that an answer says, without the escapes of JSON and of addresses.
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
