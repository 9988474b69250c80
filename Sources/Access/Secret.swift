import Foundation

/// A text that nobody can guess: whoever has it is let in. Only its digest is stored.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  /// What tokens begin with, so that they are found where they do not belong, such as in public code.
  public static let tokenPrefix = "rct_"

  /// The secret itself: the prefix, then 32 random bytes as 43 characters of base64url.
  public let text: String

  /// A new one.
  ///
  /// - Parameter prefix: what the text begins with.
  public init(prefix: String = "") {
    text =
      prefix
      + Data(Sodium.randomBytes(32)).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  /// One that somebody shows; nil when it cannot be one, for its length or its characters.
  ///
  /// - Parameter prefix: what the text must begin with.
  public init?(_ text: String, prefix: String = "") {
    guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 43,
      text.utf8.dropFirst(prefix.utf8.count).allSatisfy(Self.isBase64URL)
    else { return nil }
    self.text = text
  }

  /// SHA-256 of the text, 64 lowercase hexadecimal digits. 256 random bits need no slow hash, as passwords do.
  public var digest: String { Sodium.sha256(text.utf8) }

  /// Whether this is the digest. Takes the same time wherever it differs.
  public func matches(_ digest: String) -> Bool {
    Sodium.equal(self.digest, digest)
  }

  /// Not the text, which must not reach a log.
  public var description: String { "(secret)" }

  /// Nothing, for the same reason.
  public var customMirror: Mirror { Mirror(self, children: []) }

  private static func isBase64URL(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
