import Access
import Formats
import Foundation
import HTTP
import Store
import Wire

/// The API: its endpoints, their permissions and their description.
///
/// The steps that all endpoints share are done here, in this order: authentication; for a browser, the check that a
/// page of this session sent the request; the permission; the check against the endpoint's description; the lookup of
/// an answer that was given already. Only then is the endpoint called.
struct API: Sendable {
  /// The most bytes of a picture in a request.
  static let pictureLimit = 20 << 20
  private static let sessionCookie = "rollcall-session"
  static let prefix = "/api/v1"

  let endpoints: [Endpoint]
  let gatekeeper: Gatekeeper
  let store: Store
  let metrics: Metrics

  // MARK: Requests

  /// Registers all endpoints in a router.
  ///
  /// - Parameter version: The version of Rollcall, for the description.
  func register(in router: inout Router, version: String) {
    let page = Resource(Data(description(version: version).text().utf8), type: "application/json")
    router.on("GET", Self.prefix + "/openapi.json") { page.response(to: $0) }
    for endpoint in endpoints {
      router.on(
        endpoint.method, Self.prefix + endpoint.path, bodyLimit: endpoint.limit,
        admit: { request throws(Problem) in try admit(request, to: endpoint) }
      ) { request in
        let begin = ContinuousClock.now
        let response: Response
        do {
          response = try answer(request, endpoint)
        } catch {
          let problem = Self.problem(for: error)
          metrics.count(endpoint, status: problem?.status ?? 500, seconds: (.now - begin) / .seconds(1))
          throw problem ?? error
        }
        metrics.count(endpoint, status: response.status, seconds: (.now - begin) / .seconds(1))
        return response
      }
    }
  }

  /// Rejects unauthenticated requests before the body is read.
  private func admit(_ request: Request, to endpoint: Endpoint) throws(Problem) {
    if case .anyone = endpoint.door { return }
    if request.headers["Authorization"] == nil, request.cookie(Self.sessionCookie) == nil { throw Self.unauthenticated }
  }

  private func answer(_ request: Request, _ endpoint: Endpoint) throws -> Response {
    let caller = try caller(request, endpoint.door)
    let call = try read(request, endpoint, caller)
    guard endpoint.keepsAnswer, let caller, let key = request.headers["Idempotency-Key"] else {
      return try endpoint.handle(call)
    }
    return try once(key, caller, request) { try endpoint.handle(call) }
  }

  private func caller(_ request: Request, _ door: Endpoint.Door) throws -> Caller? {
    if case .anyone = door { return nil }
    let credentials = Credentials(
      cookie: request.cookie(Self.sessionCookie), token: try Self.token(request), csrf: request.headers["X-CSRF-Token"],
      isChange: !["GET", "HEAD"].contains(request.method))
    let caller = try gatekeeper.caller(for: credentials, address: request.clientAddress)
    if case .holder(let permission) = door, !caller.permissions.contains(permission) {
      throw Problem(403, "This needs the permission “\(permission.rawValue)”, which \(caller.name) does not have.")
    }
    return caller
  }

  /// The bearer token in `Authorization`; nil if the field is missing.
  private static func token(_ request: Request) throws -> String? {
    guard let field = request.headers["Authorization"] else { return nil }
    let parts = field.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw unauthenticated }
    return String(parts[1])
  }

  /// Checks a request against its endpoint.
  private func read(_ request: Request, _ endpoint: Endpoint, _ caller: Caller?) throws -> Call {
    var query: [String: JSONValue] = [:]
    for (name, text) in request.query {
      guard let parameter = endpoint.query.first(where: { $0.name == name }) else {
        throw Problem(
          400, "There is no parameter “\(name)” here.\(Self.choices(endpoint.query.map(\.name)))")
      }
      guard query[name] == nil else { throw Problem(400, "The parameter “\(name)” is there twice.") }
      guard let value = parameter.schema.read(text) else {
        throw Problem(400, "The parameter “\(name)” is not as it must be: \(parameter.about)")
      }
      query[name] = value
    }
    switch endpoint.content {
    case .nothing:
      guard request.body.isEmpty else { throw Problem(400, "Nothing is sent here.") }
    case .picture:
      let type = Self.mediaType(request)
      guard type.hasPrefix("image/") || type == "application/octet-stream" else {
        throw Problem(415, "Send a picture, with its Content-Type, such as image/jpeg.")
      }
    case .json(let schema):
      guard Self.mediaType(request) == "application/json" else {
        throw Problem(415, "Send JSON, with Content-Type: application/json.")
      }
      let body: JSONValue
      do {
        body = try JSONValue(parsing: request.body)
      } catch {
        throw Problem(400, "This is no JSON: \(error)")
      }
      let flaws = schema.flaws(of: body)
      if let first = flaws.first {
        let place = first.pointer.isEmpty ? "" : "\(first.pointer): "
        throw Problem(
          400, type: "\(Self.problems)invalid", title: "Not as it must be", place + first.detail,
          members: [
            .init(
              "errors", .array(flaws.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] }))
          ])
      }
    }
    return Call(request: request, caller: caller, query: query)
  }

  /// Executes a request at most once. If a client repeats a request because the answer was lost, it gets the same
  /// answer.
  private func once(_ key: String, _ caller: Caller, _ request: Request, _ answer: () throws -> Response) throws
    -> Response
  {
    guard 1...128 ~= key.utf8.count, key.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      throw Problem(400, "An Idempotency-Key has 1 to 128 printable ASCII characters.")
    }
    let claimed = try store.claim(
      IdempotentRequest(by: caller, method: request.method, path: Self.target(request), key: key, body: request.body))
    let work: IdempotentClaim.Work
    switch claimed {
    case .yours(let claim): work = claim
    case .running:
      throw Problem(409, "The same request is being worked at. Ask again in a moment.", headers: ["Retry-After": "1"])
    case .otherBody: throw Problem(409, "This Idempotency-Key was used for another request. Take a new one.")
    case .answered(let kept):
      var response = Response(status: kept.status, body: .data(kept.body))
      response.headers["Content-Type"] = kept.contentType
      response.headers["Location"] = kept.location
      response.headers["ETag"] = kept.entityTag
      response.headers["Cache-Control"] = "no-store"
      response.headers["Idempotency-Replayed"] = "true"
      return response
    }
    do {
      let response = try answer()
      guard case .data(let body) = response.body else {
        try store.abandon(work)
        return response
      }
      try store.finish(
        work,
        with: IdempotentAnswer(
          status: response.status, contentType: response.headers["Content-Type"],
          location: response.headers["Location"], entityTag: response.headers["ETag"], body: body))
      return response
    } catch {
      // A request that failed may be repeated.
      try? store.abandon(work)
      throw error
    }
  }

  /// The path and the query. Together with the body they identify a request.
  private static func target(_ request: Request) -> String {
    request.path + "?" + request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  // MARK: Sessions

  /// The cookie that holds the secret of a session.
  ///
  /// - Parameter isSecure: Whether the cookie is sent over TLS only.
  static func cookie(_ secret: String, seconds: Int, isSecure: Bool) -> Cookie {
    var cookie = Cookie(name: sessionCookie, value: secret, age: seconds)
    cookie.isSecure = isSecure
    return cookie
  }

  // MARK: Problems

  /// The prefix of problem types. A problem has a type if its status alone does not identify it.
  static let problems = "urn:rollcall:problem:"

  static let badPosition = Problem(422, "The parameter “after” is not what “next” was.")

  static let unauthenticated = Problem(
    401, "Log in, or send a token: Authorization: Bearer rct_…", headers: ["WWW-Authenticate": "Bearer"])

  private static func mediaType(_ request: Request) -> String {
    (request.headers["Content-Type"] ?? "").split(separator: ";").first.map {
      $0.trimmingCharacters(in: .whitespaces).lowercased()
    } ?? ""
  }

  private static func choices(_ names: [String]) -> String {
    names.isEmpty ? "" : " There are: \(names.joined(separator: ", "))."
  }
}

extension Endpoint {
  /// The most bytes that a request to this endpoint may have.
  fileprivate var limit: Int {
    switch content {
    case .nothing: 0
    case .picture: API.pictureLimit
    case .json(let schema): schema.holdsPictures ? 3 * API.pictureLimit : 64 << 10
    }
  }
}

extension JSONSchema {
  /// Whether a value of this schema can contain pictures.
  fileprivate var holdsPictures: Bool {
    switch self {
    case .base64: true
    case .object(let properties): properties.contains { $0.schema.holdsPictures }
    default: false
    }
  }
}
