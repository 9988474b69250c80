import Foundation

/// What a client's address says about who may be behind it.
enum ClientAddress {
  /// The address as the audit log has it.
  static func display(_ address: String) -> String {
    let text = String(String.UnicodeScalarView(address.unicodeScalars.filter { !isControl($0) }.prefix(128)))
    return text.allSatisfy(\.isWhitespace) ? "unknown" : text
  }

  /// What one client has for itself: an IPv4 address as it is; of an IPv6 address the first 64 bits, because whoever
  /// has one has all that begin with these. Anything else is taken as it is.
  static func scope(_ address: String) -> String {
    let text = address.split(separator: "%", maxSplits: 1).first.map(String.init) ?? ""
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return String(address.prefix(64)) }
    let bytes = withUnsafeBytes(of: six) { Array($0) }
    // An IPv4 address that came in over a socket for both.
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10...11] == [0xFF, 0xFF] {
      return bytes[12...].map(String.init).joined(separator: ".")
    }
    return bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }
}
