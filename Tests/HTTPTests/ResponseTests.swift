import Foundation
import Posix
import TestResources
import Testing
import WebClient

@testable import HTTP

@Suite("Responses", .serialized)
struct ResponseTests: TestRoutes {
  @Test("What went wrong is told as a problem, and nothing of the inside with it")
  func problems() throws {
    let told = Guarded<[String]>([])
    let server = try Self.server { $0.report = { route, _ in told.withLock { $0.append(route) } } }
    let wire = try Wire(server.port)
    wire.get("/nowhere/%3Cscript%3E?x=1")
    let missing = try #require(wire.answer())
    #expect(missing.status == 404 && missing.headers["Content-Type"] == "application/problem+json")
    #expect(missing.problem["instance"] as? String == "/nowhere/%3Cscript%3E")
    #expect(missing.problem["type"] as? String == "about:blank")
    wire.get("/teapot")
    let teapot = try #require(wire.answer())
    #expect(teapot.status == 418)
    #expect(teapot.problem["type"] as? String == "https://example.org/teapot")
    #expect(teapot.problem["stout"] as? Bool == true)
    wire.get("/broken")
    let broken = try #require(wire.answer())
    #expect(broken.status == 500 && !broken.text.contains("Cocoa") && !broken.text.contains("file"))
    #expect(told.withLock { $0 } == ["GET /broken"])
    #expect(!wire.isClosed)
    wire.get("/" + String(repeating: "x", count: 9_000))
    #expect(wire.answer()?.status == 414)
    let second = try Wire(server.port)
    second.get("/", "X-Long: " + String(repeating: "x", count: 17_000))
    #expect(second.answer()?.status == 431)
    let endless = try Wire(server.port)
    endless.send("GET / HTTP/1.1\r\nHost: here\r\n")
    for index in 0..<10_000 where !endless.send("X-\(index): " + String(repeating: "x", count: 1_000) + "\r\n") {
      break
    }
    #expect(endless.waitForEnd())
  }

  @Test("Every response has the headers that keep pages safe, unless it says otherwise")
  func secureHeaders() throws {
    var router = Self.router()
    router.on("GET", "/framed") { _ in
      var response = Response.text("x")
      response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
      response.headers["Referrer-Policy"] = ""
      return response
    }
    let server = try Server(router: router)
    let wire = try Wire(server.port)
    for path in ["/", "/nowhere"] {
      wire.get(path)
      let answer = try #require(wire.answer())
      #expect(answer.headers["Content-Security-Policy"]?.contains("default-src 'self'") == true)
      #expect(answer.headers["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
      #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
      #expect(answer.headers["Referrer-Policy"] == "no-referrer")
    }
    wire.get("/framed")
    let answer = try #require(wire.answer())
    #expect(answer.headers.all("Content-Security-Policy") == ["frame-ancestors 'self'"])
    #expect(answer.headers["Referrer-Policy"] == nil)
  }

  @Test(
    "No value that a client sent can add a header field or a cookie", arguments: ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
  func injection(value: String) throws {
    let told = Guarded(0)
    var configuration = Server.Configuration()
    configuration.report = { _, _ in told.withLock { $0 += 1 } }
    var router = Router()
    router.on("GET", "/field") { _ in Response(headers: ["X-Value": value]) }
    router.on("GET", "/name") { _ in Response(headers: [value: "x"]) }
    router.on("GET", "/to") { _ in .redirect(to: value) }
    router.on("GET", "/cookie") { _ in
      var response = Response.empty()
      response.set(Cookie(name: "session", value: value))
      return response
    }
    router.on("GET", "/problem") { _ in throw Problem(400, headers: ["X-Value": value]) }
    router.on("GET", "/good") { _ in
      var response = Response.empty()
      response.set(Cookie(name: "session", value: "abc", age: 60))
      return response
    }
    let server = try Server(configuration, router: router)
    let wire = try Wire(server.port)
    for path in ["/field", "/name", "/to", "/cookie", "/problem"] {
      wire.get(path)
      let answer = try #require(wire.answer())
      #expect(answer.status == 500 && answer.headers["X-Evil"] == nil && !answer.text.contains("Evil"))
    }
    #expect(told.withLock { $0 } == 5)
    wire.get("/good")
    #expect(
      wire.answer()?.headers["Set-Cookie"] == "session=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict")
  }

  @Test("Files are sent as they are, and only plain ones")
  func files() throws {
    let folder = try TemporaryFolder()
    let data = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
    let file = try folder.write(data, to: "file.bin")
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("link"), withDestinationURL: file)
    var router = Router()
    router.on("GET", "/{name}") { request in
      Response(body: .file(folder.url.appendingPathComponent(request.parameters["name"]!).path))
    }
    let server = try Server(router: router)
    let wire = try Wire(server.port)
    wire.get("/file.bin")
    #expect(wire.answer()?.body == data)
    wire.get("/file.bin", method: "HEAD")
    #expect(wire.answer(toHead: true)?.headers["Content-Length"] == "1000000")
    for name in ["link", "none"] {
      wire.get("/" + name)
      #expect(wire.answer()?.status == 500)
    }
  }

  @Test("Static resources have tags, types and ages, and no path leads out of them")
  func resources() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("secret".utf8), to: "secret.txt")
    try folder.write(Data("<p>".utf8), to: "site/index.html")
    try folder.write(Data("p{}".utf8), to: "site/css/page.css")
    try folder.write(Data("x".utf8), to: "site/.hidden")
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("site/link.txt"),
      withDestinationURL: folder.url.appendingPathComponent("secret.txt"))
    let resources = try Resources(folder: folder.url.appendingPathComponent("site"))
    #expect(resources.paths == ["css/page.css", "index.html"])
    var router = Router()
    router.on("GET", "/static/{path...}") { try resources.response(to: $0, path: $0.parameters["path"]!, age: 60) }
    let server = try Server(router: router)
    let wire = try Wire(server.port)
    wire.get("/static/css/page.css")
    let answer = try #require(wire.answer())
    let tag = try #require(answer.headers["ETag"])
    #expect(answer.text == "p{}" && answer.headers["Content-Type"] == "text/css; charset=utf-8")
    #expect(answer.headers["Cache-Control"] == "max-age=60" && tag.hasPrefix("\"") && tag.count == 66)
    for known in [tag, "\"other\", W/\(tag)", "*"] {
      wire.get("/static/css/page.css", "If-None-Match: \(known)")
      let answer = try #require(wire.answer())
      #expect(answer.status == 304 && answer.headers["ETag"] == tag && answer.headers["Content-Type"] == nil)
    }
    wire.get("/static/css/page.css", "If-None-Match: \"other\"")
    #expect(wire.answer()?.status == 200)
    for path in [
      "..%2fsecret.txt", "css%2f..%2f..%2fsecret.txt", ".hidden", "link.txt", "css", "", "/etc/passwd",
      "%2fetc%2fpasswd",
    ] {
      wire.get("/static/" + path)
      #expect(wire.answer()?.status == 404, "\(path)")
    }
  }
}
