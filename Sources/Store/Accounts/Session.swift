public import Foundation

/// The session of a browser that is logged in.
public struct Session: Sendable, Equatable {
  /// SHA-256 of the secret that the browser's cookie holds: 64 lowercase hexadecimal digits. The secret itself is not
  /// stored.
  public let id: String
  /// The id of the account.
  public let accountID: String
  /// The account's stamp when the session began. If the account has another stamp, the session is over.
  public let stamp: String
  /// The secret that requests must also send if they change something. A page of another site cannot know it. 1–128
  /// characters.
  public let csrf: String
  /// When the session began.
  public let created: Date
  /// When the session was last used, to about a minute.
  public let lastUsed: Date
  /// The moment from which the session is over, unless it is used before. The database removes the session soon after.
  public let expires: Date

  /// A session as given.
  public init(
    id: String, accountID: String, stamp: String, csrf: String, created: Date, lastUsed: Date, expires: Date
  ) {
    self.id = id
    self.accountID = accountID
    self.stamp = stamp
    self.csrf = csrf
    self.created = created
    self.lastUsed = lastUsed
    self.expires = expires
  }
}
