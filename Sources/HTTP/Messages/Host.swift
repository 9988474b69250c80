import Foundation

/// What stands for a machine in an address.
public enum Host {
  /// Whether it is an address in numbers, such as "192.0.2.7" or "2001:db8::7", and no name.
  public static func isAddress(_ text: String) -> Bool {
    var storage = in6_addr()
    return inet_pton(AF_INET, text, &storage) == 1 || inet_pton(AF_INET6, text, &storage) == 1
  }
}
