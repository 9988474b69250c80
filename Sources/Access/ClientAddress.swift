import Foundation

/// The forms of a client's address: for the audit log, and for counting attempts.
enum ClientAddress {
  /// The address as the audit log stores it: at most 128 characters, no control characters, "unknown" if it is blank.
  static func display(_ address: String) -> String {
    let text = String(String.UnicodeScalarView(address.unicodeScalars.filter { !isControl($0) }.prefix(128)))
    return text.allSatisfy(\.isWhitespace) ? "unknown" : text
  }

  /// The part of an address that belongs to one client. For an IPv4 address this is the whole address. For an IPv6
  /// address it is the first 64 bits, because a client that has one such address has all that begin with these bits.
  /// Any other text is used as it is, up to 64 characters.
  static func scope(_ address: String) -> String {
    let text = address.split(separator: "%", maxSplits: 1).first.map(String.init) ?? ""
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return String(address.prefix(64)) }
    let bytes = withUnsafeBytes(of: six) { Array($0) }
    // An IPv4 address in IPv6 form, as a socket for both protocols reports it.
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10...11] == [0xFF, 0xFF] {
      return bytes[12...].map(String.init).joined(separator: ".")
    }
    return bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }
}
