import Access
import Formats
import Foundation
import Posix
import Store
import Testing
import WebClient

@testable import Console

@Suite("Who may do what", .serialized)
struct AccessMatrixTests {
  /// The least that is needed.
  private enum Least {
    case nobody
    case viewer
    case `operator`
    case admin
    /// Whoever has a session; a token has none.
    case session
    /// Whoever is known.
    case anyone
  }

  /// Every operation of the API with who may use it, written down once more by hand: what the code says is not what it
  /// is compared with.
  private static let rules: [(operation: String, least: Least)] = [
    ("GET /setup", .nobody), ("POST /setup", .nobody), ("POST /session", .nobody), ("GET /session", .session),
    ("DELETE /session", .anyone), ("PUT /session/password", .session),
    ("GET /users", .admin), ("POST /users", .admin), ("PATCH /users/{name}", .admin), ("DELETE /users/{name}", .admin),
    ("GET /tokens", .admin), ("POST /tokens", .admin), ("DELETE /tokens/{id}", .admin), ("GET /audit", .admin),
    ("GET /people", .viewer), ("POST /people", .operator), ("GET /people/{id}", .viewer),
    ("PATCH /people/{id}", .operator), ("DELETE /people/{id}", .admin), ("POST /photos", .operator),
    ("POST /people/{id}/photos", .operator),
    ("POST /identify", .operator), ("POST /mask", .operator), ("POST /verify", .operator),
    ("GET /cameras", .viewer), ("POST /cameras", .admin), ("DELETE /cameras/{name}", .admin),
    ("POST /cameras/{name}/frames", .operator), ("GET /live", .viewer), ("GET /events", .viewer),
    ("GET /events/{id}/snapshot", .viewer),
    ("GET /attendance/events", .viewer), ("GET /attendance/days", .viewer), ("POST /attendance/marks", .operator),
    ("POST /attendance/events/{id}/void", .operator), ("GET /attendance/masks", .viewer),
    ("GET /attendance/export", .viewer),
    ("GET /health", .nobody), ("GET /ready", .nobody), ("GET /metrics", .viewer),
    ("GET /recognition", .viewer),
  ]

  @Test("Every operation refuses whom it must, and lets in whom it must")
  func matrix() throws {
    let hours = Guarded(0.0)
    let console = try TestConsole { $0.now = { Date(timeIntervalSinceNow: hours.withLock { $0 } * 3600) } }
    let over = try console.admin()
    // From now on, what was begun before is over.
    hours.withLock { $0 = 13 }
    let admin = try console.admin()
    let described = try #require(try console.nobody.get("/openapi.json").json["paths"])
    guard case .object(let paths) = described else { throw CocoaError(.coderInvalidValue) }
    let operations = paths.flatMap { path -> [String] in
      guard case .object(let methods) = path.value else { return [] }
      return methods.map { "\($0.key.uppercased()) \(path.key)" }
    }
    #expect(Set(operations) == Set(Self.rules.map(\.operation)))
    #expect(operations.count == Self.rules.count)

    let (viewer, keeper) = (try console.user(.viewer), try console.user(.operator))
    var revoked = console.nobody
    let made = try admin.send(
      "POST", "/tokens", ["name": "old", "permissions": .array(Permission.allCases.map { .string($0.rawValue) })])
    revoked.token = try #require(made.json["token"]?.string)
    #expect(try revoked.get("/people").status == 200)
    #expect(try admin.send("DELETE", "/tokens/\(made.json["id"]?.string ?? "")").status == 204)
    for (operation, least) in Self.rules {
      // Wrong tokens are counted, and too many of them are refused for ten minutes.
      hours.withLock { $0 += 0.2 }
      let parts = operation.split(separator: " ").map(String.init)
      let path = parts[1].replacing("{name}", with: "nobody-there").replacing("{id}", with: "nobody-there")
      func status(_ client: Client, _ csrf: String? = nil) throws -> Int {
        let fields = csrf.map { ["X-CSRF-Token": $0] } ?? [:]
        if ["/live", "/events"].contains(path) {
          return try #require(client.open(parts[0], path, fields).answer(toHead: true)).status
        }
        return try client.send(parts[0], path, Self.body(operation), fields).status
      }
      guard least != .nobody else {
        // Nobody is asked who it is: 401 is about the secret or the password that was sent.
        #expect(try status(console.nobody) != 403)
        continue
      }
      let strangers = [("nobody", console.nobody), ("a revoked token", revoked), ("a session that is over", over)]
      for (who, client) in strangers {
        let answered = try status(client)
        #expect(answered == 401, "\(operation) as \(who): \(answered)")
      }
      for (who, client, rank) in [("viewer", viewer, 1), ("operator", keeper, 2), ("admin", admin, 3)] {
        // These would end what the other rows need.
        if ["DELETE /session", "PUT /session/password"].contains(operation) { continue }
        let needed =
          switch least {
          case .nobody, .session, .anyone: 0;
          case .viewer: 1;
          case .operator: 2;
          case .admin: 3
          }
        let answered = try status(client)
        #expect((answered == 403) == (rank < needed), "\(operation) as \(who): \(answered)")
        #expect(answered != 401 && answered < 500, "\(operation) as \(who): \(answered)")
      }
      if parts[0] != "GET" {
        #expect(try status(admin, "wrong") == 403, "\(operation) with another session's CSRF text")
        var bare = admin
        bare.csrf = nil
        #expect(try status(bare) == 403, "\(operation) without a CSRF text")
      }
    }
  }

  /// A request that is well formed and changes nothing.
  private static func body(_ operation: String) -> JSONValue? {
    switch operation {
    case "POST /setup": ["secret": "wrong", "name": "eve", "password": "long enough it is"]
    case "POST /session": ["name": "eve", "password": "wrong"]
    case "PUT /session/password": ["current": "wrong", "new": "long enough it is"]
    case "POST /users": ["name": "ada", "role": "viewer", "password": "long enough it is"]
    case "PATCH /users/{name}": ["role": "viewer"]
    case "POST /tokens": ["name": "none", "permissions": []]
    case "POST /people": ["id": "x", "name": "", "consent": ["text": "x"]]
    case "PATCH /people/{id}": ["name": "x"]
    case "POST /verify": ["a": "", "b": ""]
    case "POST /cameras": ["name": "x", "source": "film.mp4"]
    case "POST /attendance/marks":
      ["person": "nobody-there", "direction": "in", "time": "2026-11-25T08:00:00Z", "reason": "x"]
    case "POST /attendance/events/{id}/void": ["reason": "x"]
    default: nil
    }
  }
}
