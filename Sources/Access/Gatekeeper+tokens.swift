public import Foundation
import Store

/// A token as it is shown to callers who manage tokens. The token's text is not included, because it is not stored.
public struct Token: Sendable, Equatable {
  /// A UUID in lowercase. It identifies the token when it is revoked.
  public let id: String
  /// The token's name, which says what it is for.
  public let name: String
  /// The most that the token may do. It is limited further by the current permissions of the account that made it.
  public let permissions: Set<Permission>
  /// When it was made.
  public let created: Date
  /// Name of the account that made it.
  public let by: String
  /// When the token was last used, to about a minute; nil if it was never used.
  public let lastUsed: Date?
  /// The moment from which the token is invalid; nil if it never expires.
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

/// Tokens. Managing them needs the permission `manage`. Sending one with a request does not.
extension Gatekeeper {
  /// The days for which a token may be valid.
  public static let tokenDays = 1...3650

  /// At most `limit` tokens in the order in which they were made, starting after the token with the id `last`.
  ///
  /// - Throws: `AccessError.forbidden`, `.notFound` if the token `last` no longer exists.
  public func tokens(after last: String? = nil, limit: Int = .max, by caller: Caller) throws -> [Token] {
    try caller.require(.manage)
    var position: APIToken?
    if let last {
      position = try store.token(id: last)
      guard position != nil else { throw AccessError.notFound }
    }
    let accounts = Dictionary(try store.accounts().map { ($0.id, $0) }) { first, _ in first }
    // The token of a removed account is invalid, and is about to be removed with the account.
    return try store.tokens(after: position, limit: limit).compactMap { token in
      accounts[token.accountID].map { Token(token, by: $0) }
    }
  }

  /// Makes a token.
  ///
  /// - Parameters:
  ///   - name: 1–100 characters without control characters. Several tokens may have the same name.
  ///   - permissions: At least one. The caller must have all of them.
  ///   - days: The days for which the token is valid, 1…3650; nil if it never expires.
  /// - Returns: The token, and its text. The text is not stored: this is the only time to see it.
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

  /// Revokes a token. It is invalid from then on.
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
      // Only wrong tokens are counted and refused. A token cannot be guessed, and a client with a right token must not
      // be blocked because of a neighbour's wrong one.
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
  /// The permissions that the token was made with. Unknown permissions, which a later version may have stored, are
  /// ignored.
  fileprivate var granted: Set<Permission> {
    Set(permissions.compactMap(Permission.init))
  }
}
