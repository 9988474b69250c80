import Foundation
import Testing
import Values
import WebClient

@testable import HTTP

@Suite("The server speaks HTTP", .serialized)
struct ServerTests: TestRoutes {
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
    // The port is free again; another program, or another test, may take it first.
    let taken = (0..<5).compactMap { _ -> Int? in
      guard let first = try? Self.server() else { return nil }
      first.stop()
      let next = try? Self.server { $0.port = first.port }
      return next?.port == first.port ? first.port : nil
    }
    #expect(!taken.isEmpty)
  }
}
