public import Foundation
import Store

/// A token, as those see it who manage tokens. Its text is not part of it: nobody knows it any more.
public struct Token: Sendable, Equatable {
  /// A UUID in lowercase, by which it is revoked.
  public let id: String
  /// What it is for.
  public let name: String
  /// What it may do, at most: never more than whoever made it may do now.
  public let permissions: Set<Permission>
  /// When it was made.
  public let created: Date
  /// Name of the account that made it.
  public let by: String
  /// When it was used last, to about a minute; nil before the first time.
  public let lastUsed: Date?
  /// From this moment on it is worth nothing; nil for one without an end.
  public let expires: Date?

  init(_ token: APIToken, by account: Account) {
    id = token.id
    name = token.name
    permissions = token.granted
    created = token.created
    by = account.name
    lastUsed = token.lastUsed
    expires = token.expires
  }
}

/// Tokens. All but showing one needs the permission `manage`.
extension Gatekeeper {
  /// Days that a token may be worth something.
  public static let tokenDays = 1...3650

  /// Tokens in the order in which they were made, from behind the one with the id `last` on, at most `limit` of them.
  ///
  /// - Throws: `AccessError.forbidden`, `.notFound` when there is no token `last` any more.
  public func tokens(after last: String? = nil, limit: Int = .max, by caller: Caller) throws -> [Token] {
    try caller.require(.manage)
    var position: APIToken?
    if let last {
      position = try store.token(id: last)
      guard position != nil else { throw AccessError.notFound }
    }
    let accounts = Dictionary(try store.accounts().map { ($0.id, $0) }) { first, _ in first }
    // One whose account has gone is worth nothing, and goes with the account in a moment.
    return try store.tokens(after: position, limit: limit).compactMap { token in
      accounts[token.accountID].map { Token(token, by: $0) }
    }
  }

  /// Makes a token.
  ///
  /// - Parameters:
  ///   - name: 1–100 characters, no control characters; need not be the only one of that name.
  ///   - permissions: one at least, and none that the caller does not have.
  ///   - days: how long it is worth something, 1…3650; nil for no end.
  /// - Returns: the token, and its text, which is not kept: this is the only time to see it.
  /// - Throws: `AccessError.forbidden`, `.badName`, `.badValue`.
  public func addToken(name: String, permissions: Set<Permission>, days: Int? = nil, by caller: Caller) throws -> (
    token: Token, text: Secret
  ) {
    try caller.require(.manage)
    guard permissions.isSubset(of: caller.permissions) else { throw AccessError.forbidden }
    guard Self.isName(ofToken: name) else { throw AccessError.badName }
    guard !permissions.isEmpty else { throw AccessError.badValue("A token needs one permission at least.") }
    if let days, !Self.tokenDays.contains(days) {
      throw AccessError.badValue("A token lasts \(Self.tokenDays.lowerBound) to \(Self.tokenDays.upperBound) days.")
    }
    guard let account = try store.account(id: caller.accountID) else { throw AccessError.unauthenticated }
    let secret = Secret(prefix: Secret.tokenPrefix)
    let time = now()
    let token = APIToken(
      name: name, digest: secret.digest, permissions: permissions.map(\.rawValue).sorted(), accountID: account.id,
      created: time, expires: days.map { time + Double($0) * 86_400 })
    let detail = "\(name): \(token.permissions.joined(separator: ", "))"
    try audit.change(.tokenAdd, .other(token.id), detail: detail, by: caller) { try store.insert(token) }
    return (Token(token, by: account), secret)
  }

  /// Revokes a token. It is worth nothing from then on.
  ///
  /// - Throws: `AccessError.forbidden`, `.notFound`.
  public func revokeToken(_ id: String, by caller: Caller) throws {
    try caller.require(.manage)
    guard let token = try store.token(id: id) else { throw AccessError.notFound }
    try audit.change(.tokenRevoke, .other(token.id), detail: token.name, by: caller) {
      guard try store.removeToken(id: token.id) else { throw AccessError.notFound }
    }
  }

  func caller(token text: String, address: String) throws -> Caller {
    let time = now()
    guard let secret = Secret(text, prefix: Secret.tokenPrefix), let token = try store.token(digest: secret.digest),
      secret.matches(token.digest), token.expires.map({ $0 > time }) ?? true,
      let account = try store.account(id: token.accountID)
    else {
      // Only wrong ones count and are refused: a token cannot be guessed, and whoever has a right one must not suffer
      // from a neighbour's wrong one.
      _ = try attempts.begin(.token, address: address)
      throw AccessError.unauthenticated
    }
    if token.lastUsed.map({ time.timeIntervalSince($0) >= Self.notePause }) ?? true {
      try store.noteUse(ofToken: token.id, at: time)
    }
    return Caller(
      name: "token:\(token.name)", role: nil,
      permissions: token.granted.intersection(account.role.permissions), csrf: nil, expires: token.expires,
      address: address, accountID: account.id, sessionID: nil)
  }

  private static func isName(ofToken text: String) -> Bool {
    let scalars = text.unicodeScalars
    return (1...100).contains(scalars.count) && !text.allSatisfy(\.isWhitespace)
      && !scalars.contains {
        [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      }
  }
}

extension APIToken {
  /// What it was made for. Permissions that are not known, as a later version may have them, count for nothing.
  fileprivate var granted: Set<Permission> {
    Set(permissions.compactMap(Permission.init))
  }
}
