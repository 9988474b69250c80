import Foundation
import Posix
import TestResources
import Testing
import WebClient

@testable import HTTP

@Suite("Streams", .serialized)
struct StreamTests {
  private static func server(
    _ channel: EventChannel, limit: Int = 64 << 10, _ change: (inout Server.Configuration) -> Void = { _ in }
  ) throws -> Server {
    var configuration = Server.Configuration()
    change(&configuration)
    var router = Router()
    router.on("GET", "/events") { .events(channel.listen(after: $0.lastEventID, limit: limit)) }
    router.on("GET", "/") { _ in .text("home") }
    return try Server(configuration, router: router)
  }

  @Test("Events have IDs, names and lines")
  func format() {
    #expect(
      ServerEvent(id: "7", name: "arrival", data: "a\nb\r\nc\rd").text
        == "id: 7\nevent: arrival\ndata: a\ndata: b\ndata: c\ndata: d\n\n")
    #expect(ServerEvent(id: "7\ndata: x", data: "", retry: 5).text == "id: 7data: x\nretry: 5\ndata: \n\n")
  }

  @Test("A listener gets what is published, and a comment when nothing is")
  func listening() throws {
    let channel = EventChannel()
    let server = try Self.server(channel) { $0.heartbeat = 0.3 }
    let wire = try Wire(server.port)
    wire.get("/events")
    #expect(wire.wait(for: "event: hello"))
    #expect(wire.text.contains("Content-Type: text/event-stream\r\n"))
    channel.publish(name: "arrival", data: "one")
    #expect(wire.wait(for: "event: arrival\ndata: one\n\n"))
    #expect(wire.wait(for: "3\r\n:\n\n"))
    channel.publish(data: "two")
    #expect(wire.wait(for: "data: two\n\n"))
    #expect(channel.count == 1)
  }

  @Test("A listener that comes back gets what it missed, or is told to begin anew")
  func resuming() throws {
    let channel = EventChannel(memory: 5)
    let server = try Self.server(channel)
    func id(_ text: String, before data: String) throws -> String {
      let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      let end = try #require(lines.firstIndex(of: "data: \(data)"))
      return String(try #require(lines[..<end].last { $0.hasPrefix("id: ") }).dropFirst(4))
    }
    var seen = ""
    do {
      let wire = try Wire(server.port)
      wire.get("/events")
      #expect(wire.wait(for: "event: hello"))
      channel.publish(data: "one")
      #expect(wire.wait(for: "data: one\n\n"))
      seen = try id(wire.text, before: "one")
    }
    channel.publish(data: "two")
    channel.publish(data: "three")
    let again = try Wire(server.port)
    again.get("/events", "Last-Event-ID: \(seen)")
    #expect(again.wait(for: "data: three\n\n"))
    #expect(again.text.contains("data: two\n\n") && !again.text.contains("data: one") && !again.text.contains("reset"))
    for number in 0..<20 { channel.publish(data: "more \(number)") }
    for lost in [seen, "otherrun-1", "nonsense", ""] {
      let wire = try Wire(server.port)
      wire.get("/events", "Last-Event-ID: \(lost)")
      #expect(wire.wait(for: "event: reset\n"))
      #expect(!wire.text.contains("more"))
    }
  }

  @Test("A listener that does not read is cut off, costs no more than its buffer, and holds nobody up")
  func overflow() throws {
    let channel = EventChannel()
    let server = try Self.server(channel)
    let slow = try Wire(server.port, receiveBuffer: 4_096)
    slow.get("/events")
    #expect(slow.wait(for: "event: hello"))
    let quick = try Wire(server.port)
    quick.get("/events")
    #expect(quick.wait(for: "event: hello"))
    let text = String(repeating: "x", count: 10_000)
    var published = 0
    // The system keeps some megabytes too.
    while channel.count == 2, published < 5_000 {
      published += 1
      channel.publish(data: "\(published) " + text)
      // Counted, not searched, which would take long.
      while quick.total < published * text.utf8.count, quick.more() {}
      quick.clear()
    }
    #expect(channel.count == 1)
    #expect(slow.waitForEnd())
    channel.publish(data: "last")
    #expect(quick.wait(for: "data: last\n\n"))
  }

  @Test("Two hundred listeners need no thread each, and all of them are told")
  func manyListeners() throws {
    let process = try ServerProcess()
    let before = process.threads
    let crowd = try (0..<200).map { _ in try Wire(process.port) }
    for wire in crowd {
      wire.get("/events")
      #expect(wire.wait(for: "event: hello"))
    }
    #expect(before > 0 && process.threads == before)

    let channel = EventChannel()
    let server = try Self.server(channel) { $0.workers = 2 }
    let wires = try (0..<200).map { _ in try Wire(server.port) }
    for wire in wires {
      wire.get("/events")
      #expect(wire.wait(for: "event: hello"))
    }
    #expect(channel.count == 200)
    for number in 0..<10 { channel.publish(data: "number \(number)") }
    for wire in wires { #expect(wire.wait(for: "data: number 9\n\n")) }
    let other = try Wire(server.port)
    other.get("/")
    #expect(other.answer()?.text == "home")
  }

  @Test("Listeners that are gone are found")
  func goneListeners() throws {
    let channel = EventChannel()
    let server = try Self.server(channel) { $0.heartbeat = 0.2 }
    do {
      let wires = try (0..<20).map { _ in try Wire(server.port) }
      for wire in wires {
        wire.get("/events")
        #expect(wire.wait(for: "event: hello"))
      }
      #expect(channel.count == 20)
    }
    #expect(eventually { channel.count == 0 })
  }

  @Test("HEAD begins no stream")
  func head() throws {
    let channel = EventChannel()
    let server = try Self.server(channel)
    let wire = try Wire(server.port)
    wire.get("/events", method: "HEAD")
    #expect(wire.answer(toHead: true)?.headers["Content-Type"] == "text/event-stream")
    #expect(eventually { channel.count == 0 })
    wire.get("/")
    #expect(wire.answer()?.text == "home")
  }

  @Test("Stopping ends streams")
  func stopping() throws {
    let channel = EventChannel()
    let server = try Self.server(channel)
    let wires = try (0..<10).map { _ in try Wire(server.port) }
    for wire in wires {
      wire.get("/events")
      #expect(wire.wait(for: "event: hello"))
    }
    channel.publish(data: "last")
    server.stop(within: 300)
    for wire in wires {
      #expect(wire.waitForEnd())
      #expect(wire.text.contains("data: last\n\n") && wire.text.hasSuffix("0\r\n\r\n"))
    }
    #expect(channel.count == 0)
  }

  @Test("What is produced while the client reads arrives whole, in little memory; an error cuts it short")
  func produced() throws {
    let told = Guarded<[String]>([])
    var configuration = Server.Configuration()
    configuration.report = { _, error in told.withLock { $0.append("\(error)") } }
    var router = Router()
    router.on("GET", "/large") { _ in
      Response(
        headers: ["Content-Type": "text/csv"],
        body: .produced { stream in
          let line = Data(repeating: UInt8(ascii: "x"), count: 9_999) + Data("\n".utf8)
          for _ in 0..<20_000 { try stream.write(line) }
        })
    }
    router.on("GET", "/broken") { _ in
      Response(
        body: .produced { stream in
          try stream.write(Data("begun".utf8))
          throw CocoaError(.fileReadUnknown)
        })
    }
    let server = try Server(configuration, router: router)
    let process = try ServerProcess()
    let before = process.memory
    let result = try curl(
      "--output", "/dev/null", "--write-out", "%{size_download}", "http://127.0.0.1:\(process.port)/large")
    #expect(result.output == "200000000")
    #expect(process.memory - before < 50 << 20)
    #expect(try curl("http://127.0.0.1:\(server.port)/broken").status != 0)
    #expect(eventually { told.withLock { $0.count } == 1 })
    // A client that leaves in the middle frees the worker, and is no error.
    for _ in 0..<20 {
      let wire = try Wire(server.port)
      wire.get("/large")
      #expect(wire.wait(for: "xxx"))
    }
    let last = try curl("--output", "/dev/null", "--write-out", "%{http_code}", "http://127.0.0.1:\(server.port)/large")
    #expect(last.output == "200")
    #expect(told.withLock { $0.count } == 1)
  }

  @Test("A stream that is given to a second response is refused there")
  func twice() throws {
    let stream = EventStream()
    var router = Router()
    router.on("GET", "/") { _ in .events(stream) }
    let server = try Server(router: router)
    stream.comment("hello")
    let first = try Wire(server.port)
    first.get("/")
    #expect(first.wait(for: ": hello"))
    let second = try Wire(server.port)
    second.get("/")
    #expect(second.answer()?.status == 500)
    stream.comment("still here")
    #expect(first.wait(for: ": still here"))
  }
}
