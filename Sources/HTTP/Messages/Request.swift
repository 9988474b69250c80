public import Foundation

/// A request, as a handler receives it.
public struct Request: Sendable {
  /// The method, such as "GET". It is "HEAD" for a HEAD request, even where the handler of GET answers.
  public let method: String
  /// The path as received, with its escapes and without the query. The client chose it, so do not log it unchanged.
  public let path: String
  /// The parts of the path between slashes, without escapes; empty for "/". No segment is "." or ".." or contains
  /// control characters.
  public let segments: [String]
  /// The names and values of the query, without escapes.
  public let query: [(name: String, value: String)]
  /// The header fields.
  public let headers: Headers
  /// The client's address, such as "192.0.2.7" or "2001:db8::7". Behind a proxy, the proxy's address.
  public let clientAddress: String
  /// Whether the connection is encrypted.
  public let isSecure: Bool
  /// The request body, at most as many bytes as the route allows.
  public internal(set) var body = Data()
  /// The values of the pattern's parameters, without escapes.
  public internal(set) var parameters: [String: String] = [:]

  init(method: String, target: Target, headers: Headers, clientAddress: String, isSecure: Bool) {
    self.method = method
    (path, segments, query) = (target.path, target.segments, target.query)
    self.headers = headers
    self.clientAddress = clientAddress
    self.isSecure = isSecure
  }

  /// The first value with this name in the query; nil if there is none.
  public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// The value of the first cookie with this name; nil if there is none.
  public func cookie(_ name: String) -> String? { cookies.first { $0.name == name }?.value }

  /// The cookies as the client sent them. Do not trust them.
  public var cookies: [(name: String, value: String)] {
    headers.all("Cookie").flatMap { $0.split(separator: ";") }.compactMap { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard sides.count == 2, sides[0].isToken else { return nil }
      let isQuoted = sides[1].count >= 2 && sides[1].hasPrefix("\"") && sides[1].hasSuffix("\"")
      return (name: sides[0], value: isQuoted ? String(sides[1].dropFirst().dropLast()) : sides[1])
    }
  }

  /// The ID of the last event that a reconnecting client has received; nil for a new client.
  public var lastEventID: String? { headers["Last-Event-ID"] }
}
