internal import CMicrohttpd
public import Formats
import Foundation

/// An error response in the format of RFC 9457, `application/problem+json`.
///
/// A handler throws a problem to report what is wrong with a request:
///
/// ```swift
/// var router = Router()
/// router.on("GET", "/people/{id}") { _ in throw Problem(404, "There is no person with this ID.") }
/// ```
///
/// Any other error of a handler becomes a 500 without internal details.
public struct Problem: Error, Sendable {
  /// The HTTP status, 400…599.
  public var status: Int
  /// A URI that identifies the kind of problem for programs; "about:blank" if the status is specific enough.
  public var type: String
  /// The kind of problem in words; nil for the usual name of the status.
  public var title: String?
  /// What is wrong with this request, and what to do about it.
  public var detail: String?
  /// Further members of the JSON object, for programs. The names `type`, `title`, `status`, `detail` and `instance` are
  /// reserved.
  public var members: [JSONValue.Member]
  /// Further header fields of the response.
  public var headers: Headers

  /// A problem.
  public init(
    _ status: Int, type: String = "about:blank", title: String? = nil, _ detail: String? = nil,
    members: [JSONValue.Member] = [], headers: Headers = Headers()
  ) {
    (self.status, self.type, self.title, self.detail) = (status, type, title, detail)
    (self.members, self.headers) = (members, headers)
  }

  /// The response that reports the problem.
  ///
  /// - Parameter path: The path of the request, as received.
  public func response(to path: String?) -> Response {
    var document: [JSONValue.Member] = [
      .init("type", .string(type)), .init("title", .string(title ?? Self.phrase(status))),
      .init("status", .int(status)),
    ]
    if let detail { document.append(.init("detail", .string(detail))) }
    if let path { document.append(.init("instance", .string(path))) }
    document += members
    var response = Response(
      Data(JSONValue.object(document).text().utf8), type: "application/problem+json", status: status)
    response.headers["Cache-Control"] = "no-store"
    for field in headers.fields { response.headers.add(field.name, field.value) }
    return response
  }

  /// The usual name of a status, such as "Not Found".
  static func phrase(_ status: Int) -> String {
    switch status {
    case 413: "Content Too Large"
    default: MHD_get_reason_phrase_for(UInt32(clamping: status)).map { String(cString: $0) } ?? "Error"
    }
  }
}

extension Problem {
  static let malformed = Problem(400, "The request cannot be understood.")
  static func tooLarge(limit: Int) -> Problem {
    Problem(413, "At most \(limit) bytes can be sent here.", members: [.init("limit", .int(limit))])
  }
  static func busy(_ detail: String) -> Problem {
    Problem(503, detail, headers: ["Retry-After": "2"])
  }
  static let inner = Problem(500, "Something went wrong in the server. Its log says what.")
}
