public import Foundation
public import Store

/// The credentials of a request.
public struct Credentials: Sendable, Equatable {
  /// The secret of the session's cookie.
  public var cookie: String?
  /// The token of `Authorization: Bearer`. If there is a token, the cookie is ignored.
  public var token: String?
  /// The value of the header `X-CSRF-Token`.
  public var csrf: String?
  /// Whether the request may change something: every method except GET and HEAD. With a cookie, such a request needs
  /// the right `csrf`.
  public var isChange: Bool

  /// Credentials with the given parts. The others are nil.
  public init(cookie: String? = nil, token: String? = nil, csrf: String? = nil, isChange: Bool) {
    self.cookie = cookie
    self.token = token
    self.csrf = csrf
    self.isChange = isChange
  }
}

/// The authenticated sender of a request, with its permissions at the time of the check.
public struct Caller: Sendable, Equatable {
  /// The name for the audit log and for marks: the account's name; for a token, "token:" and the token's name. An
  /// account's name has no colon, so the two cannot be equal.
  public let name: String
  /// The account's role; nil for a token.
  public let role: Role?
  /// What the caller may do.
  public let permissions: Set<Permission>
  /// The CSRF secret that the browser must send with requests that change something; nil for a token.
  public let csrf: String?
  /// When the session ends if it is not used before; for a token, the end of the token, if it has one.
  public let expires: Date?
  /// The client's address.
  public let address: String
  /// The id of the account; for a token, of the account that made it.
  public let accountID: String
  /// The id of the session; nil for a token.
  let sessionID: String?

  /// Checks that the caller has a permission.
  ///
  /// - Throws: `AccessError.forbidden` if the caller lacks it.
  public func require(_ permission: Permission) throws(AccessError) {
    guard permissions.contains(permission) else { throw .forbidden }
  }
}

/// A session that begins with a login.
public struct NewSession: Sendable, Equatable {
  /// The caller who logged in.
  public let caller: Caller
  /// The secret that the browser keeps as a cookie.
  public let cookie: Secret
}
