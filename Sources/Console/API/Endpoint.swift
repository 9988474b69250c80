import Access
import Formats
import Foundation
import HTTP
import Wire

/// One operation of the API: its request, its permission, its answers and its handler.
///
/// Requests are checked against it before the handler is called.
struct Endpoint: Sendable {
  /// The callers that may use the endpoint.
  enum Door: Sendable {
    case anyone
    /// Any caller who is logged in or has a token.
    case caller
    case holder(of: Permission)
  }

  /// The body of a request.
  enum Content: Sendable {
    case nothing
    case json(JSONSchema)
    /// A picture in any format that Rollcall reads, of at most `API.pictureLimit` bytes.
    case picture
  }

  /// The body of a successful answer.
  enum Answer: Sendable {
    case nothing
    case json(JSONSchema)
    /// Bytes of these media types.
    case bytes([String])
  }

  /// A parameter of the query.
  struct Parameter: Sendable {
    let name: String
    let schema: JSONSchema
    let about: String

    init(_ name: String, _ schema: JSONSchema, _ about: String) {
      (self.name, self.schema, self.about) = (name, schema, about)
    }
  }

  let method: String
  /// The path after `/api/v1`, with parameters in braces.
  let path: String
  /// A name for programs, such as "listPeople".
  let name: String
  /// One line for people.
  let summary: String
  let door: Door
  var query: [Parameter] = []
  var content = Content.nothing
  var answers: [Int: Answer] = [200: .nothing]
  /// The header fields of the answer, with their meaning.
  var fields: [String: String] = [:]
  /// The problems of this endpoint in addition to those of all endpoints, with their reasons.
  var problems: [Int: String] = [:]
  /// Whether the answer is kept for a day. A repeated request with the same Idempotency-Key then changes nothing more.
  ///
  /// It must be false if the body or the answer contains secrets.
  var keepsAnswer = false
  let handle: @Sendable (Call) throws -> Response

  /// The tag of the endpoint in the description: the first part of the path.
  var tag: String { path.split(separator: "/").first.map(String.init) ?? "" }

  /// The names in braces, with the schema of their values. A value contains no control characters. It is never "." or
  /// "..", because these mean other paths.
  var parameters: [(name: String, schema: JSONSchema)] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
      (String($0.dropFirst().dropLast()), .text(1...128, pattern: #"(?!\.{1,2}$)[^\u0000-\u001f\u007f]+"#))
    }
  }
}

/// A request that was authenticated and checked against its endpoint.
struct Call: Sendable {
  let request: Request
  /// The caller; nil if the endpoint is open to anyone.
  let caller: Caller?
  let query: [String: JSONValue]

  /// The value of a path parameter.
  func path(_ name: String) -> String { request.parameters[name] ?? "" }

  func text(_ name: String) -> String? { query[name]?.string }
  func number(_ name: String) -> Int? { query[name]?.int }
  /// The most items of a list that the answer contains.
  var limit: Int { number("limit") ?? Shapes.usualLimit }
  func flag(_ name: String) -> Bool { query[name] == .bool(true) }

  /// The JSON body, decoded. The endpoint's schema was checked before.
  func body<Body: Decodable>(as type: Body.Type = Body.self) throws -> Body {
    try JSONDecoder().decode(type, from: request.body)
  }

  /// The caller.
  ///
  /// - Throws: `Problem` 401 if the endpoint is open to anyone and the request is unauthenticated.
  func known() throws -> Caller {
    guard let caller else { throw API.unauthenticated }
    return caller
  }
}
