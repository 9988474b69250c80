import Formats
import Foundation

@testable import HTTP

/// What several suites share: routes for whatever a client may ask, and servers that have them.
protocol TestRoutes {}

extension TestRoutes {
  static func router() -> Router {
    var router = Router()
    router.on("GET", "/") { _ in .text("home") }
    router.on("GET", "/people/{id}") { .text("person " + ($0.parameters["id"] ?? "")) }
    router.on("GET", "/people/all") { _ in .text("everybody") }
    router.on("GET", "/echo") { request in
      .json([
        "query": .array(request.query.map { .string("\($0.name)=\($0.value)") }),
        "cookies": .array(request.cookies.map { .string("\($0.name)=\($0.value)") }),
        "address": .string(request.clientAddress), "secure": .bool(request.isSecure),
        "segments": .array(request.segments.map { .string($0) }),
      ])
    }
    router.on("POST", "/size", bodyLimit: 100_000) { request in .text("\(request.body.count)") }
    router.on("PUT", "/echo", bodyLimit: 1_000_000) { request in
      Response(request.body, type: "application/octet-stream")
    }
    router.on("GET", "/broken") { _ in throw CocoaError(.fileNoSuchFile) }
    router.on("GET", "/teapot") { _ in
      throw Problem(418, type: "https://example.org/teapot", "It is short.", members: [.init("stout", true)])
    }
    return router
  }

  static func server(_ change: (inout Server.Configuration) -> Void = { _ in }) throws -> Server {
    var configuration = Server.Configuration()
    change(&configuration)
    return try Server(configuration, router: router())
  }
}
