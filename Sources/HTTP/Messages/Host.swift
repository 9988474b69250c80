import Foundation

/// Host names and IP addresses.
public enum Host {
  /// Whether the text is a numeric IP address, such as "192.0.2.7" or "2001:db8::7", and not a name.
  public static func isAddress(_ text: String) -> Bool {
    var storage = in6_addr()
    return inet_pton(AF_INET, text, &storage) == 1 || inet_pton(AF_INET6, text, &storage) == 1
  }
}
