/// A table of routes, which finds the handler of a request.
///
/// ```swift
/// var router = Router()
/// router.on("GET", "/people/{id}/photos") { .text("Photos of \($0.parameters["id"] ?? "")") }
/// ```
///
/// A pattern is a path whose segments are texts or parameters: `/people/{id}/photos`. A last segment `{name...}`
/// matches all remaining segments, at least one. A text takes precedence over a parameter, and a parameter over
/// `{name...}`, in any order of registration.
public struct Router: Sendable {
  /// Answers a request. It runs in a worker thread and may block. An error that it throws becomes a `Problem`.
  public typealias Handler = @Sendable (Request) throws -> Response
  /// Checks the head of a request before the body is read. It throws a `Problem` to reject the request. It runs in a
  /// thread that carries the bytes of many connections, so it must not block.
  public typealias Admission = @Sendable (Request) throws(Problem) -> Void

  struct Route: Sendable {
    let method: String
    let pattern: Pattern
    let bodyLimit: Int
    let admit: Admission?
    let handler: Handler
  }

  /// The result of matching a request with the routes.
  enum Match {
    case route(Route, parameters: [String: String])
    /// The path has routes for other methods only.
    case others(allowed: [String])
    case nothing
  }

  /// Runs around every handler, for tasks that all requests share, such as authentication. It calls the handler or
  /// responds itself.
  public var around: @Sendable (Request, Handler) throws -> Response = { try $1($0) }

  /// Checks the head of every request, including requests that match no route.
  public var admit: Admission = { _ in }

  private var routes: [Route] = []

  /// A router without routes, which answers every request with 404.
  public init() {}

  /// Adds a route. The handler of GET also answers HEAD; the body is then left out. OPTIONS needs no route.
  ///
  /// - Parameters:
  ///   - method: The method in capitals.
  ///   - pattern: The pattern, which begins with a slash.
  ///   - bodyLimit: The most bytes that a request body may have. A larger body is rejected before it is read.
  ///   - admit: Checks the head of the route's requests.
  /// - Precondition: No route with the same method and pattern has been added.
  public mutating func on(
    _ method: String, _ pattern: String, bodyLimit: Int = 0, admit: Admission? = nil, _ handler: @escaping Handler
  ) {
    let route = Route(
      method: method, pattern: Pattern(pattern), bodyLimit: bodyLimit, admit: admit, handler: handler)
    precondition(
      !routes.contains { $0.method == method && $0.pattern.shape == route.pattern.shape },
      "\(method) \(pattern) has a handler already")
    routes.append(route)
  }

  func match(method: String, segments: [String]) -> Match {
    let candidates = routes.compactMap { route in route.pattern.match(segments).map { (route, $0) } }
    guard let best = candidates.min(by: { $0.0.pattern.precedes($1.0.pattern) })?.0.pattern else { return .nothing }
    let same = candidates.filter { $0.0.pattern.shape == best.shape }
    let wanted = same.first { $0.0.method == method } ?? same.first { method == "HEAD" && $0.0.method == "GET" }
    if let (route, parameters) = wanted { return .route(route, parameters: parameters) }
    var allowed = Set(same.map(\.0.method))
    allowed.insert("OPTIONS")
    if allowed.contains("GET") { allowed.insert("HEAD") }
    return .others(allowed: allowed.sorted())
  }

  /// A path with parameters.
  struct Pattern: Sendable {
    private enum Part: Sendable {
      case text(String)
      case parameter(String)
      case rest(String)

      /// The precedence. The lowest rank goes first.
      var rank: Int {
        switch self {
        case .text: 0
        case .parameter: 1
        case .rest: 2
        }
      }
    }

    /// The pattern as it was written.
    let text: String
    private let parts: [Part]

    init(_ text: String) {
      precondition(text.hasPrefix("/"), "a pattern begins with a slash")
      self.text = text
      let texts = text == "/" ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      parts = texts.enumerated().map { index, text in
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return .text(String(text)) }
        let name = text.dropFirst().dropLast()
        guard name.hasSuffix("...") else { return .parameter(String(name)) }
        precondition(index == texts.count - 1, "what stands for all that follows comes last")
        return .rest(String(name.dropLast(3)))
      }
    }

    /// Equal for patterns that match the same paths.
    var shape: [String] {
      parts.map { part in
        switch part {
        case .text(let text): "=" + text
        case .parameter: "?"
        case .rest: "*"
        }
      }
    }

    func precedes(_ other: Pattern) -> Bool {
      parts.map(\.rank).lexicographicallyPrecedes(other.parts.map(\.rank))
    }

    /// The values of the parameters; nil if the path does not match.
    func match(_ segments: [String]) -> [String: String]? {
      var parameters: [String: String] = [:]
      for (index, part) in parts.enumerated() {
        guard index < segments.count else { return nil }
        switch part {
        case .text(let text):
          guard text == segments[index] else { return nil }
        case .parameter(let name):
          guard !segments[index].isEmpty else { return nil }
          parameters[name] = segments[index]
        case .rest(let name):
          parameters[name] = segments[index...].joined(separator: "/")
          return parameters
        }
      }
      return parts.count == segments.count ? parameters : nil
    }
  }
}
