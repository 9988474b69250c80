import Foundation
import Posix
import TestResources
import Testing
import WebClient

@testable import HTTP

@Suite("The server holds out", .serialized)
struct LoadTests {
  private static func server(
    _ router: Router, _ change: (inout Server.Configuration) -> Void = { _ in }
  ) throws -> Server {
    var configuration = Server.Configuration()
    change(&configuration)
    return try Server(configuration, router: router)
  }

  private static func home() -> Router {
    var router = Router()
    router.on("GET", "/") { _ in .text("home") }
    router.on("POST", "/", bodyLimit: 1_000) { .text("\($0.body.count)") }
    return router
  }

  @Test("Fifty connections at once are all answered")
  func manyAtOnce() throws {
    let server = try Self.server(Self.home()) { $0.queue = 100 }
    let answered = Guarded(0)
    let port = server.port
    inThreads(50) { _ in
      guard let wire = try? Wire(port) else { return }
      for _ in 0..<10 {
        wire.get("/")
        guard wire.answer()?.text == "home" else { return }
      }
      answered.withLock { $0 += 1 }
    }
    #expect(answered.withLock { $0 } == 50)
  }

  @Test("Half a request, one that comes by the byte, and silence are ended by the timeout; others are served meanwhile")
  func slowClients() throws {
    let server = try Self.server(Self.home()) {
      $0.timeout = 1
      $0.minimumRate = 1_000
    }
    let silent = try Wire(server.port)
    let half = try Wire(server.port)
    half.send("GET / HT")
    let headless = try Wire(server.port)
    headless.send("GET / HTTP/1.1\r\nHost: here\r\n")
    let bodiless = try Wire(server.port)
    bodiless.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc")
    let port = server.port
    let isEnded = Guarded(false)
    let trickle = Thread {
      // Never silent for as long as the timeout, and never done.
      guard let wire = try? Wire(port) else { return }
      wire.send("GET / HTTP/1.1\r\nHost: here\r\nX: ")
      while wire.send("x") { usleep(50_000) }
      isEnded.withLock { $0 = true }
    }
    trickle.start()
    let wire = try Wire(server.port)
    wire.get("/")
    #expect(wire.answer()?.text == "home")
    #expect(silent.waitForEnd() && silent.text.isEmpty)
    #expect(half.waitForEnd())
    #expect(headless.answer()?.status == 408)
    #expect(headless.waitForEnd())
    let late = try #require(bodiless.answer())
    #expect(late.status == 408 && late.headers["Content-Type"] == "application/problem+json")
    #expect(bodiless.waitForEnd())
    #expect(eventually { isEnded.withLock { $0 } })
    #expect(wire.waitForEnd())
  }

  @Test("A handler may take longer than the timeout")
  func slowHandler() throws {
    var router = Self.home()
    router.on("GET", "/slow") { _ in
      usleep(3_000_000)
      return .text("done")
    }
    let server = try Self.server(router) { $0.timeout = 1 }
    let wire = try Wire(server.port)
    wire.get("/slow")
    #expect(wire.answer()?.text == "done")
  }

  @Test("When workers and queue are full, clients are told to come back, and those who wait are served")
  func backPressure() throws {
    let gate = Gate()
    var router = Self.home()
    router.on("GET", "/wait") { _ in
      gate.pass()
      return .text("served")
    }
    let server = try Self.server(router) { ($0.workers, $0.queue) = (2, 3) }
    var waiting: [Wire] = []
    for count in 1...5 {
      let wire = try Wire(server.port)
      wire.get("/wait")
      waiting.append(wire)
      #expect(eventually { gate.count == min(count, 2) && server.daemon.workers.waiting == max(0, count - 2) })
    }
    let wire = try Wire(server.port)
    wire.get("/")
    let answer = try #require(wire.answer())
    #expect(answer.status == 503 && answer.headers["Retry-After"] != nil)
    #expect(answer.headers["Content-Type"] == "application/problem+json")
    gate.open()
    for wire in waiting { #expect(wire.answer()?.text == "served") }
    wire.get("/")
    #expect(wire.answer()?.text == "home")
  }

  @Test("Connections above the limit wait, those of one address above its limit are closed")
  func connectionLimits() throws {
    let server = try Self.server(Self.home()) { $0.connections = 3 }
    var wires = try (0..<3).map { _ in try Wire(server.port) }
    for wire in wires {
      wire.get("/")
      #expect(wire.answer()?.text == "home")
    }
    let fourth = try Wire(server.port)
    fourth.get("/")
    #expect(!fourth.more(within: 700))
    wires.removeFirst()
    #expect(fourth.answer()?.text == "home")

    let other = try Self.server(Self.home()) { $0.connectionsPerAddress = 2 }
    let held = try (0..<2).map { _ in try Wire(other.port) }
    for wire in held {
      wire.get("/")
      #expect(wire.answer()?.text == "home")
    }
    let third = try Wire(other.port)
    #expect(third.waitForEnd() && third.text.isEmpty)
  }

  @Test("Stopping lets a running request end, takes no new one, and returns when it is answered")
  func stopWaits() throws {
    let gate = Gate()
    var router = Self.home()
    router.on("GET", "/wait") { _ in
      gate.pass()
      return .text("served")
    }
    let server = try Self.server(router)
    let port = server.port
    let idle = try Wire(port)
    idle.get("/")
    #expect(idle.answer()?.text == "home")
    let wire = try Wire(port)
    wire.get("/wait")
    #expect(eventually { gate.count == 1 })
    let isStopped = Guarded(false)
    Thread.detachNewThread {
      server.stop(within: 300)
      isStopped.withLock { $0 = true }
    }
    #expect(eventually { (try? Wire(port)) == nil })
    idle.get("/")
    if let answer = idle.answer() { #expect(answer.status == 503 && answer.headers["Connection"] == "close") }
    #expect(!isStopped.withLock { $0 })
    gate.open()
    let answer = try #require(wire.answer())
    #expect(answer.text == "served" && answer.headers["Connection"] == "close")
    #expect(wire.waitForEnd())
    #expect(eventually { isStopped.withLock { $0 } })
    server.stop()
  }

  @Test("Stopping does not wait longer than it is told to")
  func stopGivesUp() throws {
    let gate = Gate()
    var router = Self.home()
    router.on("GET", "/wait") { _ in
      gate.pass()
      return .text("served")
    }
    router.on("GET", "/produce") { _ in
      Response(
        body: .produced { stream in
          while true { try stream.write(Data(count: 100_000)) }
        })
    }
    let server = try Self.server(router)
    let wire = try Wire(server.port)
    wire.get("/wait")
    #expect(eventually { gate.count == 1 })
    let reader = try Wire(server.port)
    reader.get("/produce")
    #expect(reader.wait(for: "\r\n\r\n"))
    let half = try Wire(server.port)
    half.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc")
    server.stop(within: 0.3)
    #expect(wire.waitForEnd() && wire.text.isEmpty)
    #expect(half.waitForEnd())
    // Its answer finds nobody.
    gate.open()
  }

  @Test("A server that stops leaves no thread and no descriptor behind, and one that is let go stops")
  func nothingLeft() throws {
    let process = try ServerProcess()
    func use() throws {
      let wire = try Wire(process.port)
      wire.get("/")
      #expect(wire.answer()?.text == "home")
      let refused = try Wire(process.port)
      refused.send("POST /size HTTP/1.1\r\nHost: here\r\nContent-Length: 2000000\r\n\r\n")
      #expect(refused.answer()?.status == 413)
      let listener = try Wire(process.port)
      listener.get("/events")
      #expect(listener.wait(for: "event: hello"))
    }
    try use()
    try process.restart()
    let before = (process.threads, process.descriptors)
    #expect(before.0 > 0 && before.1 > 0)
    for _ in 0..<20 {
      try use()
      try process.restart()
    }
    #expect(eventually { process.threads <= before.0 && process.descriptors <= before.1 })

    var server: Server? = try Self.server(Self.home())
    let port = try #require(server?.port)
    server = nil
    #expect(eventually { (try? Wire(port)) == nil })
  }

  @Test("After some thousand requests memory grows no more")
  func flatMemory() throws {
    let server = try ServerProcess()
    let wire = try Wire(server.port)
    let body = String(repeating: "x", count: 100_000)
    func requests(_ count: Int) -> Bool {
      (0..<count).allSatisfy { index in
        if index % 10 == 0 {
          wire.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.count)\r\n\r\n" + body)
          return wire.answer()?.body.count == body.count
        }
        wire.get("/")
        return wire.answer()?.text == "home"
      }
    }
    var memory = server.memory
    var isFlat = false
    // Allocators, and sanitizers more than others, take their time to settle. What is lost with every request never
    // does.
    for _ in 0..<8 where !isFlat {
      #expect(requests(2_500))
      let now = server.memory
      isFlat = now > 0 && now - memory < 4 << 20
      memory = now
    }
    #expect(isFlat)
  }
}
