import Foundation
import HTTP

/// The rule for the names under which the server answers.
///
/// Another site can let its own name resolve to an address in the visitor's network (DNS rebinding), so that its page
/// reaches this server. The browser then still sends the name of that site as `Host`. Requests with a foreign name are
/// therefore rejected. A numeric address belongs to no site and is accepted.
struct HostRule: Sendable {
  private let names: Set<String>

  /// - Parameter names: Names in addition to `localhost` and this machine's own.
  init(_ names: [String]) {
    let own = Foundation.ProcessInfo.processInfo.hostName.lowercased()
    let short = own.split(separator: ".").first.map(String.init) ?? own
    self.names = Set(["localhost", own, short, short + ".local"] + names.map { $0.lowercased() })
  }

  /// - Throws: `Problem` 421 if the request names another server.
  func check(_ request: Request) throws(Problem) {
    guard let field = request.headers["Host"] else { return }
    guard allows(field) else {
      throw Problem(421, "This server has another name. Whoever runs it can give it this one, too.")
    }
  }

  func allows(_ field: String) -> Bool {
    let host = Self.host(field).lowercased()
    return names.contains(host) || HTTP.Host.isAddress(host)
  }

  /// The host of the field, without the port.
  private static func host(_ field: String) -> String {
    if field.hasPrefix("["), let end = field.firstIndex(of: "]") {
      return String(field[field.index(after: field.startIndex)..<end])
    }
    return String(field.prefix { $0 != ":" })
  }
}
