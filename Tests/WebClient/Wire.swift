package import Foundation
package import HTTP
import Posix

/// A client that says exactly what it is told to.
package final class Wire {
  private let number: Int32
  private var received: [UInt8] = []
  /// How many bytes have come.
  package private(set) var total = 0
  /// Whether the server has closed the connection.
  package private(set) var isClosed = false

  /// - Parameter receiveBuffer: bytes that the system keeps for a client that does not read.
  package init(_ port: Int, receiveBuffer: Int32? = nil) throws {
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
  package func send(_ text: String) -> Bool { send(Data(text.utf8)) }

  @discardableResult
  package func send(_ data: Data) -> Bool {
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
  package func get(_ path: String, method: String = "GET", _ fields: String...) {
    send("\(method) \(path) HTTP/1.1\r\nHost: here\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
  }

  /// Reads what there is, or waits for something.
  ///
  /// - Returns: false when nothing more comes.
  @discardableResult
  package func more(within milliseconds: Int32 = 60_000) -> Bool {
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
  package var text: String { String(decoding: received, as: UTF8.self) }

  /// Waits for a text.
  package func wait(for text: String) -> Bool {
    // By bytes: to a String, "\r\n" is one character and has no "\n" in it.
    let wanted = Data(text.utf8)
    while Data(received).range(of: wanted) == nil {
      if !more() { return false }
    }
    return true
  }

  /// Forgets what has come.
  package func clear() { received = [] }

  /// Waits until the server closes the connection.
  package func waitForEnd() -> Bool {
    while more() {}
    return isClosed
  }

  package struct Answer {
    package var status = 0
    package var headers = Headers()
    package var body = Data()

    package var text: String { String(decoding: body, as: UTF8.self) }
    package var problem: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    }
  }

  /// Takes the next response out of what comes; nil when the connection ends before.
  package func answer(toHead: Bool = false) -> Answer? {
    guard let head = take(through: "\r\n\r\n") else { return nil }
    var lines = head.components(separatedBy: "\r\n")
    var answer = Answer()
    answer.status = lines.removeFirst().split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    for line in lines where !line.isEmpty {
      let sides = line.split(separator: ":", maxSplits: 1)
      // A line that is no field makes no answer that a test expects.
      guard sides.count == 2 else { return nil }
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
