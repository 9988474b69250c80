import Foundation

/// A random text that gives access to its holder. Only its digest is stored.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  /// The beginning of every token. It makes tokens easy to find in places where they do not belong, such as public
  /// code.
  public static let tokenPrefix = "rct_"

  /// The secret itself: the prefix, then 32 random bytes as 43 characters of base64url.
  public let text: String

  /// Makes a new secret.
  ///
  /// - Parameter prefix: The beginning of the text.
  public init(prefix: String = "") {
    text =
      prefix
      + Data(Sodium.randomBytes(32)).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  /// Reads a secret from a text; nil if its length, its characters or its beginning are wrong.
  ///
  /// - Parameter prefix: The beginning that the text must have.
  public init?(_ text: String, prefix: String = "") {
    guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 43,
      text.utf8.dropFirst(prefix.utf8.count).allSatisfy(Self.isBase64URL)
    else { return nil }
    self.text = text
  }

  /// SHA-256 of the text, 64 lowercase hexadecimal digits. A password needs a slow hash; 256 random bits do not.
  public var digest: String { Sodium.sha256(text.utf8) }

  /// Whether this is the secret's digest. The comparison takes the same time wherever the digests differ.
  public func matches(_ digest: String) -> Bool {
    Sodium.equal(self.digest, digest)
  }

  /// A placeholder, because the text must not reach a log.
  public var description: String { "(secret)" }

  /// An empty mirror, for the same reason.
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
