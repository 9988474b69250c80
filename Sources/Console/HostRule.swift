import Foundation
import HTTP

/// Which names a server answers to.
///
/// A page anywhere can make its own name lead to an address in the visitor's network (DNS rebinding), and then ask there as if it were that server's page. It
/// cannot make the browser send another name than its own, so names that are not this server's are refused. An address in numbers is nobody's name.
struct HostRule: Sendable {
  private let names: Set<String>

  /// - Parameter names: beside `localhost` and this machine's own.
  init(_ names: [String]) {
    let own = Foundation.ProcessInfo.processInfo.hostName.lowercased()
    let short = own.split(separator: ".").first.map(String.init) ?? own
    self.names = Set(["localhost", own, short, short + ".local"] + names.map { $0.lowercased() })
  }

  /// - Throws: `Problem` 421 for another's name.
  func check(_ request: Request) throws(Problem) {
    guard let field = request.headers["Host"] else { return }
    guard allows(field) else {
      throw Problem(421, "This server has another name. Start it with --name to let it have this one, too.")
    }
  }

  func allows(_ field: String) -> Bool {
    let host = Self.host(field).lowercased()
    return names.contains(host) || HTTP.Host.isAddress(host)
  }

  /// Without the port.
  private static func host(_ field: String) -> String {
    if field.hasPrefix("["), let end = field.firstIndex(of: "]") {
      return String(field[field.index(after: field.startIndex)..<end])
    }
    return String(field.prefix { $0 != ":" })
  }
}
