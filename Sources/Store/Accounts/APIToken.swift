public import Foundation

/// A token with which a program authenticates instead of logging in.
public struct APIToken: Sendable, Equatable {
  /// A UUID in lowercase. It identifies the token when it is revoked, and is not secret.
  public let id: String
  /// The token's name, which says what it is for. 1–200 characters.
  public let name: String
  /// SHA-256 of the token's text: 64 lowercase hexadecimal digits. The text itself is not stored.
  public let digest: String
  /// The most that the token may do, as names of permissions that the user of the store defines. Each 1–64 characters,
  /// no duplicates.
  public let permissions: [String]
  /// The id of the account that made it. If the account is removed, the token is invalid.
  public let accountID: String
  /// When it was made.
  public let created: Date
  /// When the token was last used, to about a minute; nil if it was never used.
  public let lastUsed: Date?
  /// The moment from which the token is invalid; nil if it never expires.
  public let expires: Date?

  /// A token, by default with a new id, made now and never used.
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
