import Foundation
import TestResources
import Testing
import WebClient

@testable import HTTP

@Suite("Bodies of requests", .serialized)
struct RequestBodyTests: TestRoutes {
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
}
