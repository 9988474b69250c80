public import Foundation
public import Store

/// What a request shows to say who sends it.
public struct Credentials: Sendable, Equatable {
  /// The secret of the session's cookie.
  public var cookie: String?
  /// The token of `Authorization: Bearer`. With one, the cookie does not count.
  public var token: String?
  /// What stands in `X-CSRF-Token`.
  public var csrf: String?
  /// Whether the request may change something: all but GET and HEAD. With a cookie, it then needs the right `csrf`.
  public var isChange: Bool

  /// Nothing, unless said otherwise.
  public init(cookie: String? = nil, token: String? = nil, csrf: String? = nil, isChange: Bool) {
    self.cookie = cookie
    self.token = token
    self.csrf = csrf
    self.isChange = isChange
  }
}

/// Who sends a request, and what they may do, at the moment when they were asked.
public struct Caller: Sendable, Equatable {
  /// The account's name; for a token "token:" and the token's name, which is no account's, for no account has a colon
  /// in its name. For the audit log, and for whoever enters a mark.
  public let name: String
  /// The account's role; nil for a token.
  public let role: Role?
  /// What the caller may do.
  public let permissions: Set<Permission>
  /// What the browser has to send with requests that change something; nil for a token.
  public let csrf: String?
  /// When the session is over unless it is used before; the end of the token, if it has one.
  public let expires: Date?
  /// Where the request comes from.
  public let address: String
  /// Id of the account; for a token, of the one that made it.
  public let accountID: String
  /// nil for a token.
  let sessionID: String?

  /// - Throws: `AccessError.forbidden`, unless the caller may do this.
  public func require(_ permission: Permission) throws(AccessError) {
    guard permissions.contains(permission) else { throw .forbidden }
  }
}

/// Somebody who has just logged in.
public struct NewSession: Sendable, Equatable {
  /// Who it is.
  public let caller: Caller
  /// What the browser keeps as a cookie.
  public let cookie: Secret
}
