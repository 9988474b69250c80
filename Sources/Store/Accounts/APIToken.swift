public import Foundation

/// What a program shows instead of logging in.
public struct APIToken: Sendable, Equatable {
  /// A UUID in lowercase, by which it is revoked. No secret.
  public let id: String
  /// What it is for. 1–200 characters.
  public let name: String
  /// SHA-256 of the token's text: 64 lowercase hexadecimal digits. The text itself is not stored.
  public let digest: String
  /// What it may do, at most, in the words of whoever decides about that. Each 1–64 characters, none twice.
  public let permissions: [String]
  /// Id of the account that made it. Without the account, the token is worth nothing.
  public let accountID: String
  /// When it was made.
  public let created: Date
  /// When it was used last, to about a minute; nil before the first time.
  public let lastUsed: Date?
  /// From this moment on it is worth nothing; nil for one without an end.
  public let expires: Date?

  /// A token with an id of its own, made now and never used, unless said otherwise.
  public init(
    id: String = UUID().uuidString.lowercased(), name: String, digest: String, permissions: [String],
    accountID: String, created: Date = Date(), lastUsed: Date? = nil, expires: Date? = nil
  ) {
    self.id = id
    self.name = name
    self.digest = digest
    self.permissions = permissions
    self.accountID = accountID
    self.created = created
    self.lastUsed = lastUsed
    self.expires = expires
  }
}
