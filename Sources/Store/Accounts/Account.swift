public import Foundation

/// An account with which a person can log in.
public struct Account: Sendable, Equatable {
  /// The role of an account.
  public enum Role: String, Sendable, CaseIterable {
    /// May only view.
    case viewer
    /// May also enroll people and correct the log.
    case `operator`
    /// May do everything.
    case admin
  }

  /// A UUID in lowercase. An account that is made again under an old name has a new id.
  public let id: String
  /// 1–64 characters: the letters A–Z and a–z, digits, and `. _ - @`, with at least one letter or digit. Names are
  /// unique, ignoring letter case.
  public let name: String
  /// The role of the account.
  public let role: Role
  /// The hash of the password as text, 1–128 characters. It contains the parameters of the hashing.
  public let passwordHash: String
  /// A text that changes with every change of role or password. A session is valid as long as its stamp equals the
  /// account's. 1–64 characters.
  public let stamp: String
  /// When the account was made.
  public let created: Date
  /// The time of the last login; nil if there was none.
  public let lastLogin: Date?

  /// Whether an account may have this name.
  public static func isName(_ text: String) -> Bool {
    // An account's name is a part of URLs, where "." and ".." have another meaning.
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isOfName) && text.utf8.contains(where: isLetterOrDigit)
  }

  /// Whether a name may contain this byte. Only ASCII is allowed, because letters of other scripts look alike and would
  /// let one account pass for another.
  private static func isOfName(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "._-@".utf8.contains(byte)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// An account, by default with a new id and a new stamp, made now.
  public init(
    id: String = UUID().uuidString.lowercased(), name: String, role: Role, passwordHash: String,
    stamp: String = UUID().uuidString.lowercased(), created: Date = Date(), lastLogin: Date? = nil
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.passwordHash = passwordHash
    self.stamp = stamp
    self.created = created
    self.lastLogin = lastLogin
  }
}
