public import Foundation

/// Somebody who may log in.
public struct Account: Sendable, Equatable {
  /// What an account is for.
  public enum Role: String, Sendable, CaseIterable {
    /// Looks only.
    case viewer
    /// Also enrolls people and corrects the log.
    case `operator`
    /// Does everything.
    case admin
  }

  /// A UUID in lowercase. An account that is made again under an old name has another one.
  public let id: String
  /// 1–64 of the letters A–Z and a–z, digits, and `. _ - @`, and not the signs alone. No two accounts have names that
  /// differ in letter case only.
  public let name: String
  /// What the account is for.
  public let role: Role
  /// A password hash as text, 1–128 characters, which says itself how it was made.
  public let passwordHash: String
  /// Another one after every change of role or password: a session holds as long as it has its account's. 1–64
  /// characters.
  public let stamp: String
  /// When it was made.
  public let created: Date
  /// When somebody logged in with it last; nil before the first time.
  public let lastLogin: Date?

  /// Whether an account may have this name.
  public static func isName(_ text: String) -> Bool {
    // "." and ".." would be no names in an address, where an account's name stands too.
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isOfName) && text.utf8.contains(where: isLetterOrDigit)
  }

  /// ASCII only: letters that look alike in other scripts would let one account pass for another.
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

  /// An account with an id and a stamp of its own, made now, unless said otherwise.
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
