public import Formats
public import Foundation

/// A response to a request.
///
/// ```swift
/// var router = Router()
/// router.on("GET", "/status") { _ in .json(["isReady": true]) }
/// ```
///
/// A response whose header fields contain control characters is not sent: the client gets 500. A value that came from a
/// client can therefore not add fields or end the head.
public struct Response: Sendable {
  /// The body of a response.
  public enum Body: Sendable {
    /// Bytes.
    case data(Data)
    /// The bytes of the file at this path, read while they are sent. The path must not come from a client.
    case file(String)
    /// Everything that is written to the stream until it ends. No thread waits for it.
    case stream(BodyStream)
    /// Everything that the closure writes. It runs in the worker thread of the request while the client reads. If it
    /// throws, the connection is cut, so that the client detects the missing part.
    case produced(@Sendable (BodyStream) throws -> Void)
  }

  /// The HTTP status, 200…599.
  public var status: Int
  /// The header fields. The server adds length, date, connection, and the fields of `Server.Configuration.headers`.
  public var headers: Headers
  /// The body.
  public var body: Body

  /// A response of any kind.
  public init(status: Int = 200, headers: Headers = Headers(), body: Body = .data(Data())) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  /// A response with bytes of a media type, such as "image/png".
  public init(_ data: Data, type: String, status: Int = 200) {
    self.init(status: status, headers: ["Content-Type": type], body: .data(data))
  }

  /// A plain text response.
  public static func text(_ text: String, status: Int = 200) -> Response {
    Response(Data(text.utf8), type: "text/plain; charset=utf-8", status: status)
  }

  /// A JSON response, which caches do not keep.
  public static func json(_ value: JSONValue, status: Int = 200) -> Response {
    var response = Response(Data(value.text().utf8), type: "application/json", status: status)
    response.headers["Cache-Control"] = "no-store"
    return response
  }

  /// A response without a body.
  public static func empty(_ status: Int = 204) -> Response { Response(status: status) }

  /// A redirect (303) to another address, which the client fetches with GET.
  public static func redirect(to location: String) -> Response {
    Response(status: 303, headers: ["Location": location])
  }

  /// A stream of events, as the browser's `EventSource` reads them.
  public static func events(_ stream: EventStream) -> Response {
    // X-Accel-Buffering is set because a buffering proxy would delay events.
    Response(
      headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"],
      body: .stream(stream.body))
  }

  /// Adds a cookie.
  public mutating func set(_ cookie: Cookie) { headers.add("Set-Cookie", cookie.text) }
}

extension Headers: ExpressibleByDictionaryLiteral {
  /// Fields in the order of the literal.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements { add(name, value) }
  }
}

/// A cookie of a response. By default, scripts cannot read it, and browsers do not send it with requests from other
/// sites.
public struct Cookie: Sendable {
  /// Which requests from other sites carry the cookie.
  public enum SameSite: String, Sendable {
    /// No request.
    case strict = "Strict"
    /// Requests that follow a link.
    case lax = "Lax"
  }

  /// The name, a token of HTTP's grammar. A response with an invalid name is not sent: the client gets 500.
  public var name: String
  /// The value: printable ASCII without blanks, quotes, commas, semicolons and backslashes. A response with an invalid
  /// value is not sent: the client gets 500.
  public var value: String
  /// How long the browser keeps it, in seconds. 0 removes it; nil keeps it until the browser is closed.
  public var age: Int?
  /// Whether it is sent over TLS only.
  public var isSecure = true
  /// Whether scripts can read it.
  public var isHTTPOnly = true
  /// Which requests from other sites carry it.
  public var sameSite = SameSite.strict
  /// The path to which it is sent, and all paths below it.
  public var path = "/"

  /// A cookie with the strictest rules.
  public init(name: String, value: String, age: Int? = nil) {
    (self.name, self.value, self.age) = (name, value, age)
  }

  var text: String {
    let isSound =
      name.isToken && value.utf8.allSatisfy { 0x21...0x7e ~= $0 && !"\",;\\".utf8.contains($0) }
      && path.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != UInt8(ascii: ";") }
    // The line end makes the field invalid, so the response is refused when it is sent.
    guard isSound else { return "\n" }
    var text = "\(name)=\(value); Path=\(path)"
    if let age { text += "; Max-Age=\(age)" }
    if isSecure { text += "; Secure" }
    if isHTTPOnly { text += "; HttpOnly" }
    return text + "; SameSite=\(sameSite.rawValue)"
  }
}
