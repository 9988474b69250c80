public import Foundation

extension Store {
  /// The result of changing an account.
  public enum AccountChange: Sendable, Equatable {
    /// The change was made.
    case done
    /// There is no such account any more.
    case gone
    /// The change was not made, because no other admin would be left.
    case lastAdmin
  }

  /// Makes an account.
  ///
  /// - Parameter isFirst: Whether this is the first account. If several are made at the same time, only one succeeds.
  /// - Returns: Whether the account was made; false if the name is taken, ignoring letter case. With `isFirst`, also
  ///   false if there was an account already.
  public func insert(_ account: Account, isFirst: Bool = false) throws -> Bool {
    try Rules.check(account)
    return try perform("Making an account") { client in
      if isFirst, try client.hasAccount([:]) { return false }
      var document = account.document
      if isFirst { document["isFirst"] = true }
      let reply = try client.write(
        ["insert": .string(StoreSchema.accounts), "documents": [.document(document)]],
        tolerating: [ServerCode.duplicateKey])
      if reply["n"]?.integer == 1 { return true }
      // The command may have run twice. Then the stored account is this one.
      return try client.hasAccount(["_id": .string(account.id)])
    }
  }

  /// Whether there is any account.
  public func hasAccounts() throws -> Bool {
    try perform("Looking for accounts") { try $0.hasAccount([:]) }
  }

  /// The account of this name, ignoring letter case; nil if there is none.
  public func account(named name: String) throws -> Account? {
    try accounts(["name": .string(name)], limit: 1).first
  }

  /// The account with this id; nil if there is none.
  public func account(id: String) throws -> Account? {
    try accounts(["_id": .string(id)], limit: 1).first
  }

  /// At most `limit` accounts, ordered by name, starting after the account `name`.
  public func accounts(after name: String? = nil, limit: Int = .max) throws -> [Account] {
    try accounts(name.map { ["name": ["$gt": .string($0)]] } ?? [:], limit: limit)
  }

  private func accounts(_ filter: BSONDocument, limit: Int) throws -> [Account] {
    let options: BSONDocument = [
      "sort": ["name": 1], "collation": .document(StoreSchema.anyCase), "limit": .limit(limit),
    ]
    return try perform("Reading accounts") { client in
      var accounts: [Account] = []
      try client.find(StoreSchema.accounts, filter, options: options) {
        accounts.append(try Account(Fields($0, of: StoreSchema.accounts)))
      }
      return accounts
    }
  }

  /// Records a login.
  public func noteLogin(accountID: String, at time: Date) throws {
    try updateAccount(["_id": .string(accountID)], ["lastLogin": .date(time)])
  }

  /// Replaces the hash of a password that stays the same. Sessions continue.
  ///
  /// - Parameter old: The hash to replace. Does nothing if the account has another hash.
  public func replacePasswordHash(accountID: String, _ old: String, with new: String) throws {
    try Rules.check(new, "a password's hash", longest: Rules.hashLength)
    try updateAccount(["_id": .string(accountID), "passwordHash": .string(old)], ["passwordHash": .string(new)])
  }

  /// Changes the password of an account. The account gets a new stamp, which ends all its sessions.
  ///
  /// - Parameter expected: The stamp that the account must have. Does nothing if the account has another stamp; nil to
  ///   accept any stamp.
  /// - Returns: The new stamp; nil if the account does not exist any more or has another stamp.
  public func setPassword(accountID: String, hash: String, ifStamp expected: String? = nil) throws -> String? {
    try Rules.check(hash, "a password's hash", longest: Rules.hashLength)
    var query: BSONDocument = ["_id": .string(accountID)]
    if let expected { query["stamp"] = .string(expected) }
    let stamp = UUID().uuidString.lowercased()
    let changed = try updateAccount(query, ["passwordHash": .string(hash), "stamp": .string(stamp)])
    // The command may have run twice. Then the stored stamp is this one.
    if !changed, try account(id: accountID)?.stamp != stamp { return nil }
    return stamp
  }

  /// Changes the role of an account. The account gets a new stamp, which ends all its sessions.
  public func setRole(accountID: String, to role: Account.Role) throws -> AccountChange {
    let change: BSONDocument = [
      "role": .string(role.rawValue), "stamp": .string(UUID().uuidString.lowercased()),
    ]
    if role == .admin {
      return try updateAccount(["_id": .string(accountID)], change) ? .done : .gone
    }
    return try perform("Changing an account") { client in
      try Self.takeFromAdmins(accountID, client) { query in
        try client.write([
          "update": .string(StoreSchema.accounts),
          "updates": [["q": .document(query), "u": ["$set": .document(change), "$unset": ["leaving": ""]]]],
        ])["n"]?.integer == 1
      }
    }
  }

  /// Removes an account with its sessions, its tokens and the answers stored for it.
  public func removeAccount(id: String) throws -> AccountChange {
    try perform("Removing an account") { client in
      let change = try Self.takeFromAdmins(id, client) { query in
        try client.write([
          "delete": .string(StoreSchema.accounts), "deletes": [["q": .document(query), "limit": 1]],
        ])["n"]?.integer == 1
      }
      guard change == .done else { return change }
      // If this is interrupted here, what remains is invalid without the account.
      for collection in [StoreSchema.sessions, StoreSchema.tokens, StoreSchema.answers] {
        try client.remove([id], from: collection, by: "accountID")
      }
      return .done
    }
  }

  /// Seconds for which a mark of `takeFromAdmins` counts. This is far longer than the mark is needed, and far more than
  /// clocks differ.
  private static let leavingLife: TimeInterval = 60

  /// Makes a change after which an account is no admin, unless no admin would be left.
  ///
  /// A single server has no transactions, so this takes two steps. First, the account is marked as leaving. Then the
  /// admins without such a mark are counted. If two accounts leave at the same time, at least the later one sees the
  /// other's mark, so one admin stays in any case. Both changes may be refused, though. If a killed process leaves a
  /// mark behind, the next call removes it. A change is made only while its own mark is still there.
  ///
  /// - Parameter change: Makes the change for the account that matches the query. Returns whether there was one.
  private static func takeFromAdmins(
    _ id: String, _ client: MongoClient, _ change: (BSONDocument) throws -> Bool
  ) throws -> AccountChange {
    let isAdmin: (String, BSON) = ("role", .string(Account.Role.admin.rawValue))
    while true {
      if try change(["_id": .string(id), "role": ["$ne": isAdmin.1]]) { return .done }
      try client.write([
        "update": .string(StoreSchema.accounts),
        "updates": [
          [
            "q": ["leaving.since": ["$lt": .date(Date() - leavingLife)]], "u": ["$unset": ["leaving": ""]],
            "multi": true,
          ]
        ],
      ])
      let mark = BSON.string(UUID().uuidString.lowercased())
      let marked = try client.write([
        "update": .string(StoreSchema.accounts),
        "updates": [
          [
            "q": .document(BSONDocument(fields: [("_id", .string(id)), isAdmin])),
            "u": ["$set": ["leaving": ["mark": mark, "since": .date(Date())]]],
          ]
        ],
      ])
      guard marked["n"]?.integer == 1 else {
        if try client.hasAccount(["_id": .string(id)]) { continue }
        return .gone
      }
      let own: BSONDocument = ["_id": .string(id), "leaving.mark": mark]
      guard try client.hasAccount(BSONDocument(fields: [isAdmin, ("leaving", ["$exists": false])])) else {
        try client.write([
          "update": .string(StoreSchema.accounts),
          "updates": [["q": .document(own), "u": ["$unset": ["leaving": ""]]]],
        ])
        return .lastAdmin
      }
      if try change(own) { return .done }
      // Another call makes the same change to this account, and came first or will come first. So try again.
    }
  }

  @discardableResult
  private func updateAccount(_ query: BSONDocument, _ values: BSONDocument) throws -> Bool {
    let reply = try perform("Changing an account") { client in
      try client.write([
        "update": .string(StoreSchema.accounts),
        "updates": [["q": .document(query), "u": ["$set": .document(values)]]],
      ])
    }
    return reply["n"]?.integer == 1
  }
}

extension MongoClient {
  fileprivate func hasAccount(_ filter: BSONDocument) throws -> Bool {
    try !ids(of: StoreSchema.accounts, filter, limit: 1).isEmpty
  }
}

extension BSON {
  /// The value for the option `limit`: 0 for all.
  static func limit(_ count: Int) -> BSON {
    .int64(count < Int(Int32.max) ? Int64(count) : 0)
  }
}

extension Account {
  fileprivate var document: BSONDocument {
    [
      "_id": .string(id), "name": .string(name), "role": .string(role.rawValue), "passwordHash": .string(passwordHash),
      "stamp": .string(stamp), "created": .date(created), "lastLogin": lastLogin.map(BSON.date) ?? .null,
    ]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      id: try fields.string("_id"), name: try fields.string("name"), role: try fields.choice("role"),
      passwordHash: try fields.string("passwordHash"), stamp: try fields.string("stamp"),
      created: try fields.date("created"), lastLogin: try fields.optionalDate("lastLogin"))
  }
}
