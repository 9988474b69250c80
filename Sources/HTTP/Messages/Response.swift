public import Formats
public import Foundation

/// What a client gets.
///
/// Header fields with control characters in them are not sent: such a response becomes 500, so that no value that came
/// from a client can add fields or end the head.
public struct Response: Sendable {
  /// What stands behind the head.
  public enum Body: Sendable {
    /// Bytes.
    case data(Data)
    /// A file's bytes, read while they are sent. The path must not come from a client.
    case file(String)
    /// What is written to the stream, by whoever holds it, until it is ended. No thread waits for it.
    case stream(BodyStream)
    /// What the closure writes, in the worker thread of the request, while the client reads. When it throws, the
    /// connection is cut, so that the client sees that something is missing.
    case produced(@Sendable (BodyStream) throws -> Void)
  }

  /// 200…599.
  public var status: Int
  /// Sent beside what the server adds: length, date, connection, and what `Server.Configuration.headers` has.
  public var headers: Headers
  /// What stands behind the head.
  public var body: Body

  /// A response of any kind.
  public init(status: Int = 200, headers: Headers = Headers(), body: Body = .data(Data())) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  /// Bytes of a kind, such as "image/png".
  public init(_ data: Data, type: String, status: Int = 200) {
    self.init(status: status, headers: ["Content-Type": type], body: .data(data))
  }

  /// Plain text.
  public static func text(_ text: String, status: Int = 200) -> Response {
    Response(Data(text.utf8), type: "text/plain; charset=utf-8", status: status)
  }

  /// JSON, which is not kept by caches.
  public static func json(_ value: JSONValue, status: Int = 200) -> Response {
    var response = Response(Data(value.text().utf8), type: "application/json", status: status)
    response.headers["Cache-Control"] = "no-store"
    return response
  }

  /// Nothing but a status.
  public static func empty(_ status: Int = 204) -> Response { Response(status: status) }

  /// Another address, to be fetched with GET.
  public static func redirect(to location: String) -> Response {
    Response(status: 303, headers: ["Location": location])
  }

  /// Events, as the browser's `EventSource` reads them.
  public static func events(_ stream: EventStream) -> Response {
    // A proxy that buffers would hold events back.
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

/// A cookie that scripts cannot read and other sites' forms do not send, unless told otherwise.
public struct Cookie: Sendable {
  /// Which requests that other sites start carry the cookie.
  public enum SameSite: String, Sendable {
    /// None.
    case strict = "Strict"
    /// Those that follow a link.
    case lax = "Lax"
  }

  /// A token of HTTP's grammar; a response with another name is not sent.
  public var name: String
  /// Printable ASCII without blanks, quotes, commas, semicolons and backslashes; a response with another value is not
  /// sent.
  public var value: String
  /// How long it is kept, in seconds; 0 removes it; nil until the browser is closed.
  public var age: Int?
  /// Whether it is only sent over TLS.
  public var isSecure = true
  /// Whether scripts can read it.
  public var isHTTPOnly = true
  /// Which requests carry it.
  public var sameSite = SameSite.strict
  /// The paths it is sent to: this one and those below it.
  public var path = "/"

  /// A cookie with the strictest rules.
  public init(name: String, value: String, age: Int? = nil) {
    (self.name, self.value, self.age) = (name, value, age)
  }

  var text: String {
    let isSound =
      name.isToken && value.utf8.allSatisfy { 0x21...0x7e ~= $0 && !"\",;\\".utf8.contains($0) }
      && path.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != UInt8(ascii: ";") }
    // Refused where the response is sent, as every broken field is.
    guard isSound else { return "\n" }
    var text = "\(name)=\(value); Path=\(path)"
    if let age { text += "; Max-Age=\(age)" }
    if isSecure { text += "; Secure" }
    if isHTTPOnly { text += "; HttpOnly" }
    return text + "; SameSite=\(sameSite.rawValue)"
  }
}
