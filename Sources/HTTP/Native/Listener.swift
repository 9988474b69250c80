// Provides the constants of sockets. Once this module is imported, the system's own module does not provide them.
internal import CMicrohttpd
import Foundation
import Posix
import Values

/// A listening socket, which is closed with this object.
final class Listener: Sendable {
  let number: Int32
  /// The actual port, even if any free port was requested.
  let port: Int

  init(address: String, port: Int) throws {
    let operation = "Listening on \(address.contains(":") ? "[\(address)]" : address):\(port)"
    func failure(_ code: Int32) -> ServerError {
      switch code {
      case EADDRINUSE:
        ServerError(
          .addressInUse, operation, cause: "another program listens there",
          advice: "Choose another port, or stop that program.")
      case EACCES:
        ServerError(
          .address, operation, cause: "this user may not listen on that port", advice: "Choose a port above 1023.")
      default:
        ServerError(
          .address, operation, cause: SystemFailure(code: code).text,
          advice: "Choose an address of this machine, such as 127.0.0.1, or 0.0.0.0 or :: for all of them.")
      }
    }
    guard 0...65_535 ~= port else { throw failure(EINVAL) }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(address, String(port), &hints, &found)
    guard code == 0, let first = found else {
      throw ServerError(
        .address, operation, cause: String(cString: gai_strerror(code)),
        advice: "Choose an address of this machine, such as 127.0.0.1, or 0.0.0.0 or :: for all of them.")
    }
    defer { freeaddrinfo(found) }
    let info = first.pointee
    let number = socket(
      info.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard number >= 0 else { throw failure(errno) }
    do {
      var on: Int32 = 1
      // Connections of an earlier run that the system still holds must not block the port.
      setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
      if info.ai_family == AF_INET6 {
        // "::" means all addresses, IPv4 included.
        var only: Int32 = 0
        setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<Int32>.size))
      }
      try SystemFailure.check { bind(number, info.ai_addr, info.ai_addrlen) }
      try SystemFailure.check { listen(number, 512) }
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      try withUnsafeMutablePointer(to: &storage) { storage in
        try storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          _ = try SystemFailure.check { getsockname(number, address, &length) }
        }
      }
      // The port has the same offset in IPv4 and IPv6 addresses.
      self.port = withUnsafeBytes(of: storage) { Int($0[2]) << 8 | Int($0[3]) }
    } catch let error as SystemFailure {
      close(number)
      throw failure(error.code)
    }
    self.number = number
  }

  deinit { close(number) }

  /// An address as text. An IPv4 address that is written as IPv6 becomes plain IPv4.
  static func text(of address: UnsafePointer<sockaddr>?) -> String {
    guard let address else { return "" }
    let length =
      Int32(address.pointee.sa_family) == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return ""
    }
    let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
  }
}
