public import Foundation

/// What a client asks for.
public struct Request: Sendable {
  /// Such as "GET"; "HEAD" also where the handler of GET answers.
  public let method: String
  /// The path as it came, with its escapes and without the query. The client chose it: not for a log as it is.
  public let path: String
  /// The path's parts between slashes, without escapes; empty for "/". None is "." or "..", none has control
  /// characters.
  public let segments: [String]
  /// Names and values behind the question mark, without escapes.
  public let query: [(name: String, value: String)]
  /// The header fields.
  public let headers: Headers
  /// The client's address, such as "192.0.2.7" or "2001:db8::7". A proxy's, when one stands between.
  public let clientAddress: String
  /// Whether the connection is encrypted.
  public let isSecure: Bool
  /// What was sent behind the head, at most as many bytes as the route allows.
  public internal(set) var body = Data()
  /// What the pattern's parameters stand for, without escapes.
  public internal(set) var parameters: [String: String] = [:]

  init(method: String, target: Target, headers: Headers, clientAddress: String, isSecure: Bool) {
    self.method = method
    (path, segments, query) = (target.path, target.segments, target.query)
    self.headers = headers
    self.clientAddress = clientAddress
    self.isSecure = isSecure
  }

  /// The first value of this name in the query.
  public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// The first cookie of this name.
  public func cookie(_ name: String) -> String? { cookies.first { $0.name == name }?.value }

  /// The client's cookies, as they are sent: nothing in them can be trusted.
  public var cookies: [(name: String, value: String)] {
    headers.all("Cookie").flatMap { $0.split(separator: ";") }.compactMap { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard sides.count == 2, sides[0].isToken else { return nil }
      let isQuoted = sides[1].count >= 2 && sides[1].hasPrefix("\"") && sides[1].hasSuffix("\"")
      return (name: sides[0], value: isQuoted ? String(sides[1].dropFirst().dropLast()) : sides[1])
    }
  }

  /// The last event that a returning listener has seen; nil for a new one.
  public var lastEventID: String? { headers["Last-Event-ID"] }
}
