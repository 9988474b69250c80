public import Foundation

/// Somebody is logged in with a browser.
public struct Session: Sendable, Equatable {
  /// SHA-256 of the secret that the browser's cookie holds: 64 lowercase hexadecimal digits. The secret itself is not
  /// stored.
  public let id: String
  /// Id of the account.
  public let accountID: String
  /// The account's stamp when the session began. When the account has another one, the session is over.
  public let stamp: String
  /// What requests that change something have to send too, which a page of another site cannot know. 1–128 characters.
  public let csrf: String
  /// When it began.
  public let created: Date
  /// When it was used last, to about a minute.
  public let lastUsed: Date
  /// From this moment on it is over, unless it is used before. The database removes it soon after.
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
