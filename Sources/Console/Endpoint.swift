import Access
import Formats
import Foundation
import HTTP

/// What a client is told is wrong; enrolment's problems with files are others.
typealias Problem = HTTP.Problem

/// One operation of the API: what is asked, who may ask, what comes back, and who answers. Requests are checked against it before they get there.
struct Endpoint: Sendable {
  /// Who may ask.
  enum Door: Sendable {
    case anyone
    /// Whoever is logged in, or has a token.
    case caller
    case holder(of: Permission)
  }

  /// What a request brings.
  enum Content: Sendable {
    case nothing
    case json(Schema)
    /// A picture, in any format that Rollcall reads, at most `API.pictureLimit` bytes.
    case picture
  }

  /// What comes back when all is well.
  enum Answer: Sendable {
    case nothing
    case json(Schema)
    /// Bytes of these media types.
    case bytes([String])
  }

  /// A value of the query.
  struct Parameter: Sendable {
    let name: String
    let schema: Schema
    let about: String

    init(_ name: String, _ schema: Schema, _ about: String) {
      (self.name, self.schema, self.about) = (name, schema, about)
    }
  }

  let method: String
  /// Behind `/api/v1`, with parameters in braces.
  let path: String
  /// A name for programs, such as "listPeople".
  let name: String
  /// A line for people.
  let summary: String
  let door: Door
  var query: [Parameter] = []
  var content = Content.nothing
  var answers: [Int: Answer] = [200: .nothing]
  /// Header fields that the answer has, with what they say.
  var fields: [String: String] = [:]
  /// Problems that this operation has beside those that all have, with their reasons.
  var problems: [Int: String] = [:]
  /// The answer is kept for a day: a request that is sent again with the same Idempotency-Key changes nothing more. Not for answers, or bodies, with
  /// secrets in them.
  var keepsAnswer = false
  let handle: @Sendable (Call) throws -> Response

  /// What the description files it under: the first part of the path.
  var tag: String { path.split(separator: "/").first.map(String.init) ?? "" }

  /// The names in braces, with what may stand for them. An address has no control characters, and "." and ".." mean other places.
  var parameters: [(name: String, schema: Schema)] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
      (String($0.dropFirst().dropLast()), .text(1...128, pattern: #"(?!\.{1,2}$)[^\u0000-\u001f\u007f]+"#))
    }
  }
}

/// A request that may be answered: who asks is known, and all of it is as the endpoint says.
struct Call: Sendable {
  let request: Request
  /// nil where anyone may ask.
  let caller: Caller?
  let query: [String: JSONValue]
  /// What was sent as JSON.
  let body: JSONValue

  /// What stands in the path.
  func path(_ name: String) -> String { request.parameters[name] ?? "" }

  func text(_ name: String) -> String? { query[name]?.string }
  func number(_ name: String) -> Int? { query[name]?.int }
  /// How many of a list to tell at most.
  var limit: Int { number("limit") ?? Shapes.usualLimit }
  func flag(_ name: String) -> Bool { query[name] == .bool(true) }

  /// Who asks.
  ///
  /// - Throws: `Problem` 401 where anyone may ask and nobody said who it is.
  func known() throws -> Caller {
    guard let caller else { throw API.unauthenticated }
    return caller
  }
}

extension JSONValue {
  /// The texts of a list.
  var texts: [String] { array?.compactMap(\.string) ?? [] }
}
