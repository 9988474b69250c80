import Foundation
import HTTP
import Posix
import TestResources
import Testing

/// A client that says exactly what it is told to.
final class Wire {
  private let number: Int32
  private var received: [UInt8] = []
  /// How many bytes have come.
  private(set) var total = 0
  /// Whether the server has closed the connection.
  private(set) var isClosed = false

  /// - Parameter receiveBuffer: bytes that the system keeps for a client that does not read.
  init(_ port: Int, receiveBuffer: Int32? = nil) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if var size = receiveBuffer {
      setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    try withUnsafePointer(to: &address) { address in
      try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = try SystemFailure.check { connect(number, address, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
  }

  deinit { close(number) }

  /// - Returns: false when the connection is broken.
  @discardableResult
  func send(_ text: String) -> Bool { send(Data(text.utf8)) }

  @discardableResult
  func send(_ data: Data) -> Bool {
    data.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let part = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        let count = Foundation.send(number, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  /// A request without a body.
  func get(_ path: String, method: String = "GET", _ fields: String...) {
    send("\(method) \(path) HTTP/1.1\r\nHost: here\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
  }

  /// Reads what there is, or waits for something.
  ///
  /// - Returns: false when nothing more comes.
  @discardableResult
  func more(within milliseconds: Int32 = 60_000) -> Bool {
    var poll = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    guard !isClosed, Foundation.poll(&poll, 1, milliseconds) > 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(number, &bytes, bytes.count)
    guard count > 0 else {
      isClosed = true
      return false
    }
    received += bytes[..<count]
    total += count
    return true
  }

  /// What has come so far and was not taken.
  var text: String { String(decoding: received, as: UTF8.self) }

  /// Waits for a text.
  func wait(for text: String) -> Bool {
    // By bytes: to a String, "\r\n" is one character and has no "\n" in it.
    let wanted = Data(text.utf8)
    while Data(received).range(of: wanted) == nil {
      if !more() { return false }
    }
    return true
  }

  /// Forgets what has come.
  func clear() { received = [] }

  /// Waits until the server closes the connection.
  func waitForEnd() -> Bool {
    while more() {}
    return isClosed
  }

  struct Answer {
    var status = 0
    var headers = Headers()
    var body = Data()

    var text: String { String(decoding: body, as: UTF8.self) }
    var problem: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    }
  }

  /// Takes the next response out of what comes; nil when the connection ends before.
  func answer(toHead: Bool = false) -> Answer? {
    guard let head = take(through: "\r\n\r\n") else { return nil }
    var lines = head.components(separatedBy: "\r\n")
    var answer = Answer()
    answer.status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
    for line in lines where !line.isEmpty {
      let sides = line.split(separator: ":", maxSplits: 1)
      answer.headers.add(String(sides[0]), sides[1].trimmingCharacters(in: .whitespaces))
    }
    if toHead || answer.status == 204 || answer.status == 304 || answer.status < 200 { return answer }
    if let length = answer.headers["Content-Length"].flatMap({ Int($0) }) {
      while received.count < length { if !more() { return nil } }
      answer.body = Data(received.prefix(length))
      received.removeFirst(length)
    } else if answer.headers["Transfer-Encoding"] == "chunked" {
      while let size = take(through: "\r\n").flatMap({
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16)
      }) {
        while received.count < size + 2 { if !more() { return nil } }
        answer.body += received.prefix(size)
        received.removeFirst(size + 2)
        if size == 0 { return answer }
      }
      return nil
    } else {
      while more() {}
      answer.body = Data(received)
      received = []
    }
    return answer
  }

  private func take(through end: String) -> String? {
    let end = Array(end.utf8)
    var searched = 0
    while true {
      if received.count >= end.count {
        for start in searched...(received.count - end.count)
        where received[start..<start + end.count].elementsEqual(end) {
          let text = String(decoding: received[..<(start + end.count)], as: UTF8.self)
          received.removeFirst(start + end.count)
          return text
        }
        searched = received.count - end.count + 1
      }
      if !more() { return nil }
    }
  }
}

/// Runs curl, and gives its exit status and what it printed.
func curl(_ arguments: String...) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
  process.arguments = ["--silent", "--show-error", "--max-time", "300", "--noproxy", "*"] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// A server in a process of its own, for what only a whole process can tell.
final class ServerProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private(set) var port = 0

  init() throws {
    // The build puts the program beside the tests.
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("http-server")
    // AddressSanitizer keeps what is freed for a while, which would look like memory in use.
    process.environment = ProcessInfo.processInfo.environment.merging(["ASAN_OPTIONS": "quarantine_size_mb=1"]) {
      $0 + ":" + $1
    }
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    port = try readPort()
  }

  deinit {
    // Not politely: threads of a test may block the signals that ask, and a child inherits that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Stops the server and starts another in the same process.
  func restart() throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
    port = try readPort()
  }

  private func readPort() throws -> Int {
    var text = ""
    while !text.hasSuffix("\n") {
      let part = output.fileHandleForReading.availableData
      try #require(!part.isEmpty, "the server has ended")
      text += String(decoding: part, as: UTF8.self)
    }
    return try #require(Int(text.dropLast()))
  }

  /// Memory in use, in bytes.
  var memory: Int {
    let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)) ?? ""
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  var threads: Int { count("task") }
  var descriptors: Int { count("fd") }

  private func count(_ kind: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/\(kind)").count) ?? 0
  }
}

/// Something that one thread waits for and another opens.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let waiting = Guarded(0)

  func pass() {
    waiting.withLock { $0 += 1 }
    semaphore.wait()
    semaphore.signal()
  }

  func open() { semaphore.signal() }

  /// How many have come to it.
  var count: Int { waiting.withLock { $0 } }
}
