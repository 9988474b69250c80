import Formats
import Foundation
import Posix
import TestResources
import Testing
import WebClient

@testable import HTTP

@Suite("The server speaks HTTP", .serialized)
struct ServerTests {
  private static func router() -> Router {
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

  private static func server(_ change: (inout Server.Configuration) -> Void = { _ in }) throws -> Server {
    var configuration = Server.Configuration()
    change(&configuration)
    return try Server(configuration, router: router())
  }

  @Test("One connection carries one request after the other, and several at once in order")
  func keepAlive() throws {
    let server = try Self.server()
    let wire = try Wire(server.port)
    for id in 0..<20 {
      wire.get("/people/\(id)")
      #expect(wire.answer()?.text == "person \(id)")
    }
    wire.send((0..<20).map { "GET /people/\($0) HTTP/1.1\r\nHost: here\r\n\r\n" }.joined())
    for id in 0..<20 { #expect(wire.answer()?.text == "person \(id)") }
    wire.send("POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: here\r\n\r\n")
    #expect(wire.answer()?.text == "3")
    #expect(wire.answer()?.text == "home")
    #expect(!wire.isClosed)
  }

  @Test("Bodies arrive whole, with their length or in chunks")
  func bodies() throws {
    let server = try Self.server()
    let wire = try Wire(server.port)
    var generator = SeededGenerator(seed: 1)
    let body = Data((0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
    wire.send("PUT /echo HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.count)\r\n\r\n")
    wire.send(body)
    #expect(wire.answer()?.body == body)
    wire.send("PUT /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
    for start in stride(from: 0, to: body.count, by: 7_001) {
      let part = body[start..<min(start + 7_001, body.count)]
      wire.send(String(part.count, radix: 16) + "\r\n")
      wire.send(part)
      wire.send("\r\n")
    }
    wire.send("0\r\n\r\n")
    #expect(wire.answer()?.body == body)
    wire.send("POST /size HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    #expect(wire.answer()?.status == 100)
    wire.send("12345")
    #expect(wire.answer()?.text == "5")
  }

  @Test(
    "A body above the route's limit is refused before it is read, whether or not the client waits to be asked for it")
  func tooLarge() throws {
    let server = try Self.server()
    let waiting = try Wire(server.port)
    waiting.send("POST /size HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n")
    let refused = try #require(waiting.answer())
    #expect(refused.status == 413)
    #expect(refused.headers["Content-Type"] == "application/problem+json")
    #expect(refused.problem["limit"] as? Int == 100_000)
    #expect(waiting.waitForEnd())

    // This one sends at once, and reads only then.
    let hasty = try Wire(server.port)
    hasty.send("POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 4000000\r\n\r\n")
    hasty.send(Data(count: 4_000_000))
    #expect(hasty.answer()?.status == 413)

    let chunked = try Wire(server.port)
    chunked.send("POST /size HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in 0..<20 { chunked.send("2710\r\n" + String(repeating: "x", count: 10_000) + "\r\n") }
    #expect(chunked.answer()?.status == 413)
    // At the limit is not above it.
    let wire = try Wire(server.port)
    wire.send(
      "POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 100_000))
    #expect(wire.answer()?.text == "100000")
    // A route that takes no body.
    wire.send("GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\nx")
    #expect(wire.answer()?.status == 413)
  }

  @Test("A gigabyte that nobody asked for takes no memory")
  func gigabyte() throws {
    let server = try ServerProcess()
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("large")
    let number = open(file.path, O_WRONLY | O_CREAT, 0o600)
    #expect(ftruncate(number, 1 << 30) == 0)
    close(number)
    let before = server.memory
    for fields in [["Expect:"], ["Expect:", "Transfer-Encoding: chunked"], ["Expect: 100-continue"]] {
      let result = try curl(
        "--upload-file", file.path, "--request", "POST", "--header", fields[0], "--header", fields[fields.count - 1],
        "--write-out", "%{http_code}", "http://127.0.0.1:\(server.port)/size")
      #expect(result.output.contains("413"), "\(result)")
    }
    #expect(server.memory - before < 50 << 20)
  }

  @Test("All bodies together have a limit too")
  func bodyMemory() throws {
    let server = try Self.server { $0.bodyMemory = 150_000 }
    let first = try Wire(server.port)
    first.send(
      "POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 90000\r\n\r\n" + String(repeating: "x", count: 89_999))
    // The first one's bytes are counted when the second one's are too many.
    let isRefused = try eventually {
      let second = try Wire(server.port)
      second.send("POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 90000\r\n\r\n")
      second.send(String(repeating: "x", count: 90_000))
      guard let answer = second.answer(), answer.status == 503 else { return false }
      return answer.headers["Retry-After"] != nil
    }
    #expect(isRefused)
    first.send("x")
    #expect(first.answer()?.text == "90000")
    let third = try Wire(server.port)
    third.send(
      "POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 90000\r\n\r\n" + String(repeating: "x", count: 90_000))
    #expect(third.answer()?.text == "90000")
  }

  @Test("Paths, queries and cookies are taken apart as they were written")
  func targets() throws {
    let server = try Self.server()
    let wire = try Wire(server.port)
    wire.get("/people/J%C3%BCrgen%2F%20x")
    #expect(wire.answer()?.text == "person Jürgen/ x")
    wire.get("/people/all")
    #expect(wire.answer()?.text == "everybody")
    wire.get("/people/")
    #expect(wire.answer()?.status == 404)
    wire.get("/echo?a=1+2&b=%26%3D&c&a=x%20y", "Cookie: one=1; two=\"2\"; bad name=3", "Cookie: three=a=b")
    let answer = try #require(wire.answer())
    #expect(answer.problem["query"] as? [String] == ["a=1 2", "b=&=", "c=", "a=x y"])
    #expect(answer.problem["cookies"] as? [String] == ["one=1", "two=2", "three=a=b"])
    #expect(answer.problem["address"] as? String == "127.0.0.1")
    #expect(answer.problem["secure"] as? Bool == false)
    for path in [
      "/people/%zz", "/people/%C3", "/people/..", "/people/%2e%2E", "/people/%00", "/people/a%0ab", "//../x", "/?%FF",
      "people",
    ] {
      let wire = try Wire(server.port)
      wire.get(path)
      #expect(wire.answer()?.status == 400, "\(path)")
    }
  }

  @Test("A request that its head speaks against is refused before its body comes")
  func admission() throws {
    var router = Router()
    router.admit = { request throws(Problem) in
      if request.headers["Host"] != "here" { throw Problem(421, "Another host.") }
    }
    router.on(
      "PUT", "/", bodyLimit: 1 << 20,
      admit: { request throws(Problem) in if request.headers["Authorization"] == nil { throw Problem(401) } }
    ) { _ in .empty() }
    let server = try Server(router: router)
    let first = try Wire(server.port)
    first.send("PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n")
    #expect(first.answer()?.status == 401)
    let second = try Wire(server.port)
    second.send("PUT / HTTP/1.1\r\nHost: there\r\nAuthorization: me\r\nContent-Length: 2\r\n\r\n")
    #expect(second.answer()?.status == 421)
    let third = try Wire(server.port)
    third.send("PUT / HTTP/1.1\r\nHost: here\r\nAuthorization: me\r\nContent-Length: 2\r\n\r\nab")
    #expect(third.answer()?.status == 204)
  }

  @Test("HEAD is GET without its body, OPTIONS tells the methods, other methods are refused with them")
  func methods() throws {
    let server = try Self.server()
    let wire = try Wire(server.port)
    wire.get("/people/7", method: "HEAD")
    let head = try #require(wire.answer(toHead: true))
    #expect(head.status == 200 && head.headers["Content-Length"] == "8")
    wire.get("/echo", method: "OPTIONS")
    let options = try #require(wire.answer())
    #expect(options.status == 204 && options.headers["Allow"] == "GET, HEAD, OPTIONS, PUT")
    wire.get("/echo", method: "DELETE")
    let refused = try #require(wire.answer())
    #expect(refused.status == 405 && refused.headers["Allow"] == "GET, HEAD, OPTIONS, PUT")
    #expect(refused.problem["title"] as? String == "Method Not Allowed")
    wire.get("*", method: "OPTIONS")
    #expect(wire.answer()?.status == 204)
    wire.get("/size", method: "HEAD")
    #expect(wire.answer(toHead: true)?.status == 405)
  }

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

  @Test("A request that says in two ways where it ends is refused, and the connection closed")
  func smuggling() throws {
    let server = try Self.server()
    for fields in [
      "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 4\r\nContent-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ] {
      let wire = try Wire(server.port)
      wire.send("POST /size HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: here\r\n\r\n")
      #expect(wire.answer()?.status == 400)
      #expect(wire.waitForEnd() && !wire.text.contains("home"))
    }
    let wire = try Wire(server.port)
    wire.send("POST /size HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: gzip\r\n\r\n")
    #expect(wire.answer()?.status == 501)
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

  @Test("A taken port is told, any free one is found, and IPv6 works")
  func listening() throws {
    let server = try Self.server()
    let error = #expect(throws: ServerError.self) {
      _ = try Self.server { $0.port = server.port }
    }
    #expect(error?.code == .addressInUse)
    #expect(throws: ServerError.self) { _ = try Self.server { $0.address = "192.0.2.1" } }
    #expect(throws: ServerError.self) { _ = try Self.server { $0.address = "nobody.invalid" } }
    // A machine may have no IPv6.
    if let six = try? Self.server({ $0.address = "::1" }) {
      let result = try curl("http://[::1]:\(six.port)/echo")
      #expect(result.output.contains("\"address\":\"::1\""))
    }
    if let all = try? Self.server({ $0.address = "::" }) {
      #expect(try curl("http://127.0.0.1:\(all.port)/echo").output.contains("\"address\":\"127.0.0.1\""))
    }
    server.stop()
    let next = try Self.server { $0.port = server.port }
    #expect(next.port == server.port)
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
