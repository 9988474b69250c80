internal import CSodium
import Foundation

/// Hashes passwords with Argon2id and compares with the hashes. May be used from several threads at once; calls take a
/// tenth of a second and block.
public final class Passwords: Sendable {
  /// What one hashing costs, so that guessing is dear too.
  public struct Cost: Sendable, Equatable {
    /// Passes over the memory, from 1.
    public let passes: Int
    /// Bytes of memory, from 8192.
    public let memory: Int

    /// libsodium's choice for people who wait (`OPSLIMIT_INTERACTIVE`, `MEMLIMIT_INTERACTIVE`): 2 passes over 64 MiB,
    /// one lane. OWASP's Password Storage Cheat Sheet asks for at least 2 passes over 19 MiB.
    public static let interactive = Cost(passes: 2, memory: 64 << 20)

    /// A cost as given.
    public init(passes: Int, memory: Int) {
      self.passes = passes
      self.memory = memory
    }
  }

  private let cost: Cost
  /// Bounds the memory: whoever comes when all are taken waits.
  private let free: DispatchSemaphore
  /// Hash of a password that nobody has.
  private let nobodys: String

  /// - Parameters:
  ///   - cost: of the hashes that are made; hashes of other costs can be compared with.
  ///   - atOnce: hashings at the same time, from 1. With the usual cost each takes 64 MiB.
  /// - Throws: `AccessError.noMemory`.
  public init(cost: Cost = .interactive, atOnce: Int = 2) throws(AccessError) {
    Sodium.start()
    self.cost = cost
    free = DispatchSemaphore(value: max(atOnce, 1))
    nobodys = try Self.hash(Secret().text, cost)
  }

  /// A new hash, with a salt of its own, as a text that says itself how it was made.
  ///
  /// - Throws: `AccessError.noMemory`.
  public func hash(_ password: String) throws(AccessError) -> String {
    free.wait()
    defer { free.signal() }
    return try Self.hash(password, cost)
  }

  /// Whether this is the password.
  ///
  /// - Parameter hash: nil for an account that does not exist. Then the answer is no, and takes as long as for one that
  ///   does: time must not tell which names there are.
  public func verify(_ password: String, against hash: String?) -> Bool {
    // Longer ones are nobody's, and would only be work.
    let password = password.unicodeScalars.count <= Self.lengths.upperBound ? Self.bytes(password) : []
    free.wait()
    defer { free.signal() }
    let isRight = crypto_pwhash_str_verify(hash ?? nobodys, password, UInt64(password.count)) == 0
    return isRight && hash != nil
  }

  /// Whether a hash was made at another cost than new ones are, and should be replaced when the password is known.
  public func isOutdated(_ hash: String) -> Bool {
    crypto_pwhash_str_needs_rehash(hash, UInt64(cost.passes), cost.memory) != 0
  }

  private static func hash(_ password: String, _ cost: Cost) throws(AccessError) -> String {
    let password = bytes(password)
    var text = [CChar](repeating: 0, count: crypto_pwhash_strbytes())
    guard crypto_pwhash_str(&text, password, UInt64(password.count), UInt64(cost.passes), cost.memory) == 0 else {
      throw .noMemory
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// One form for all ways to type the same letters, as NIST SP 800-63B advises: an é may come as one character or two.
  private static func bytes(_ password: String) -> [CChar] {
    password.precomposedStringWithCompatibilityMapping.utf8.map { CChar(bitPattern: $0) }
  }

  // MARK: Rules

  /// Characters of a password.
  public static let lengths = 10...256

  /// Whether a password may become an account's: long enough, not made of the account's name, and none that is tried
  /// first everywhere. No rule asks for kinds of characters: NIST SP 800-63B advises against such rules.
  ///
  /// - Throws: `AccessError.weakPassword`.
  public static func check(_ password: String, forAccount name: String) throws(AccessError) {
    guard lengths.contains(password.unicodeScalars.count) else {
      throw .weakPassword("A password has \(lengths.lowerBound) to \(lengths.upperBound) characters.")
    }
    let text = password.precomposedStringWithCompatibilityMapping.lowercased()
    guard text.replacingOccurrences(of: name.lowercased(), with: "").count >= 4 else {
      throw .weakPassword("The password is little more than the account's name.")
    }
    guard Set(text).count >= 4 else { throw .weakPassword("The password repeats a few characters only.") }
    guard !common.contains(text) else { throw .weakPassword("This password is among those that are tried first.") }
  }

  /// Those of ten characters and more that stand highest in published lists of passwords in use, and what would be
  /// tried first here.
  private static let common: Set<String> = [
    "0123456789", "0987654321", "1234567890", "12345678910", "123456789a", "123456789q", "1234567891", "123123123123",
    "1234512345", "123qweasdzxc", "147258369", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "abcdefghij", "abcd123456",
    "a123456789", "administrator", "administrator1", "admin12345", "admin123456", "adminadmin", "asdfghjkl1",
    "asdfghjkl;", "asdfghjklö", "assword123", "basketball", "changeme123", "changeme1234", "charlie123", "dragon1234",
    "football123", "iloveyou12", "iloveyou123", "letmein123", "letmein1234", "manchester", "michael123", "monkey1234",
    "p@ssw0rd12", "p@ssw0rd123", "p@ssword123", "passw0rd12", "passw0rd123", "password01", "password10", "password11",
    "password12", "password123", "password1234", "password12345", "password!1", "password1!", "passwordpassword",
    "princess123", "q1w2e3r4t5", "q1w2e3r4t5y6", "qazwsxedcrfv", "qwertyuiop", "qwertyuiop1", "qwertyuiop123",
    "qwerty1234", "qwerty12345", "qwerty123456", "qwertzuiop", "rollcall01", "rollcall12", "rollcall123",
    "rollcall1234",
    "rollcall2026", "sunshine12", "sunshine123", "superman12", "superman123", "welcome123", "welcome1234",
    "zaq12wsxcde3",
    "zxcvbnm123",
  ]
}
