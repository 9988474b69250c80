public import Foundation

extension Store {
  /// Stores a token.
  public func insert(_ token: APIToken) throws {
    try Rules.check(token)
    _ = try perform("Making a token") { client in
      // The command may run twice. The second run finds the same token.
      try client.write(
        ["insert": .string(StoreSchema.tokens), "documents": [token.bson]], tolerating: [ServerCode.duplicateKey])
    }
  }

  /// The token whose text has this SHA-256; nil if there is none. An expired token is returned too.
  public func token(digest: String) throws -> APIToken? {
    try tokens(["digest": .string(digest)], limit: 1).first
  }

  /// The token with this id; nil if there is none.
  public func token(id: String) throws -> APIToken? {
    try tokens(["_id": .string(id)], limit: 1).first
  }

  /// At most `limit` tokens in the order in which they were made, starting after `last`.
  public func tokens(after last: APIToken? = nil, limit: Int = .max) throws -> [APIToken] {
    guard let last else { return try tokens([:], limit: limit) }
    return try tokens(
      [
        "created": ["$gte": .date(last.created)],
        "$or": [["created": ["$gt": .date(last.created)]], ["_id": ["$gt": .string(last.id)]]],
      ], limit: limit)
  }

  private func tokens(_ filter: BSONDocument, limit: Int) throws -> [APIToken] {
    try perform("Reading tokens") { client in
      var tokens: [APIToken] = []
      try client.find(StoreSchema.tokens, filter, options: ["sort": ["created": 1, "_id": 1], "limit": .limit(limit)]) {
        tokens.append(try APIToken(Fields($0, of: StoreSchema.tokens)))
      }
      return tokens
    }
  }

  /// Records the use of a token.
  public func noteUse(ofToken id: String, at time: Date) throws {
    try update(StoreSchema.tokens, id, ["lastUsed": .date(time)], "Noting that a token is used")
  }

  /// Revokes a token. It is invalid from then on.
  ///
  /// - Returns: Whether the token existed.
  public func removeToken(id: String) throws -> Bool {
    try perform("Revoking a token") { try $0.remove([id], from: StoreSchema.tokens) == 1 }
  }
}

extension APIToken {
  fileprivate var bson: BSON {
    [
      "_id": .string(id), "name": .string(name), "digest": .string(digest), "permissions": .strings(permissions),
      "accountID": .string(accountID), "created": .date(created), "lastUsed": lastUsed.map(BSON.date) ?? .null,
      "expires": expires.map(BSON.date) ?? .null,
    ]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      id: try fields.string("_id"), name: try fields.string("name"), digest: try fields.string("digest"),
      permissions: try fields.strings("permissions"), accountID: try fields.string("accountID"),
      created: try fields.date("created"), lastUsed: try fields.optionalDate("lastUsed"),
      expires: try fields.optionalDate("expires"))
  }
}
