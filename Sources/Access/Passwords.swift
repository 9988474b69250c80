internal import CSodium
import Foundation

/// Hashes passwords with Argon2id and compares passwords with hashes. May be used from several threads at once. Each
/// call blocks for about a tenth of a second.
public final class Passwords: Sendable {
  /// The cost of one hashing. A high cost makes guessing passwords expensive.
  public struct Cost: Sendable, Equatable {
    /// Passes over the memory, from 1.
    public let passes: Int
    /// Bytes of memory, from 8192.
    public let memory: Int

    /// libsodium's choice for interactive use (`OPSLIMIT_INTERACTIVE`, `MEMLIMIT_INTERACTIVE`): 2 passes over 64 MiB,
    /// one lane. OWASP's Password Storage Cheat Sheet asks for at least 2 passes over 19 MiB.
    public static let interactive = Cost(passes: 2, memory: 64 << 20)

    /// A cost as given.
    public init(passes: Int, memory: Int) {
      self.passes = passes
      self.memory = memory
    }
  }

  private let cost: Cost
  /// Limits the number of hashings at the same time, and so the memory. Further calls wait.
  private let free: DispatchSemaphore
  /// The hash of a random password that is not stored anywhere. `verify` uses it for accounts that do not exist.
  private let nobodys: String

  /// Creates a password hasher.
  ///
  /// - Parameters:
  ///   - cost: The cost of new hashes. Hashes of other costs can be verified too.
  ///   - atOnce: The number of hashings at the same time, at least 1. At the usual cost each takes 64 MiB.
  /// - Throws: `AccessError.noMemory`.
  public init(cost: Cost = .interactive, atOnce: Int = 2) throws(AccessError) {
    Sodium.start()
    self.cost = cost
    free = DispatchSemaphore(value: max(atOnce, 1))
    nobodys = try Self.hash(Secret().text, cost)
  }

  /// A new hash with its own salt, as a text that contains the parameters of the hashing.
  ///
  /// - Throws: `AccessError.noMemory`.
  public func hash(_ password: String) throws(AccessError) -> String {
    free.wait()
    defer { free.signal() }
    return try Self.hash(password, cost)
  }

  /// Whether the hash was made from this password.
  ///
  /// - Parameter hash: nil for an account that does not exist. The result is then false, and takes as long as for an
  ///   existing account, so that the response time does not reveal which names exist.
  public func verify(_ password: String, against hash: String?) -> Bool {
    // No account has a longer password. Hashing it would only cost time.
    let password = password.unicodeScalars.count <= Self.lengths.upperBound ? Self.bytes(password) : []
    free.wait()
    defer { free.signal() }
    let isRight = crypto_pwhash_str_verify(hash ?? nobodys, password, UInt64(password.count)) == 0
    return isRight && hash != nil
  }

  /// Whether a hash was made at another cost than new hashes. It should be replaced when the password is known.
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

  /// The password in one Unicode form, as NIST SP 800-63B advises: an é may arrive as one character or as two.
  private static func bytes(_ password: String) -> [CChar] {
    password.precomposedStringWithCompatibilityMapping.utf8.map { CChar(bitPattern: $0) }
  }

  // MARK: Rules

  /// The number of characters that a password may have.
  public static let lengths = 10...256

  /// Checks whether a password is good enough for an account: it is long enough, is more than the account's name, has
  /// at least 4 different characters, and is not one of the passwords that attackers try first. There is no rule about
  /// kinds of characters, because NIST SP 800-63B advises against such rules.
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

  /// The passwords of ten and more characters that stand highest in published lists of passwords in use, and those that
  /// an attacker would try first here.
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
