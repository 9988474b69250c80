internal import CSodium
import Foundation

/// The functions of libsodium that this module uses.
enum Sodium {
  private static let started: Void = {
    // It fails only if the machine has no source of random bytes. Nothing here is safe without one.
    precondition(sodium_init() >= 0, "libsodium finds no random bytes on this machine")
  }()

  /// Starts libsodium, once per process.
  static func start() {
    started
  }

  /// Random bytes that cannot be guessed.
  static func randomBytes(_ count: Int) -> [UInt8] {
    start()
    var bytes = [UInt8](repeating: 0, count: count)
    randombytes_buf(&bytes, count)
    return bytes
  }

  /// SHA-256, as 64 lowercase hexadecimal digits.
  static func sha256(_ data: some Collection<UInt8>) -> String {
    start()
    var digest = [UInt8](repeating: 0, count: crypto_hash_sha256_bytes())
    let data = Array(data)
    crypto_hash_sha256(&digest, data, UInt64(data.count))
    return digest.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
  }

  /// Whether two texts are equal. The comparison takes the same time wherever they differ. It may reveal only their
  /// lengths.
  static func equal(_ left: String, _ right: String) -> Bool {
    start()
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    return left.count == right.count && sodium_memcmp(left, right, left.count) == 0
  }
}
