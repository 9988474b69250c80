import Foundation

/// One client's connection, as long as the library has it.
///
/// `@unchecked Sendable`: all that changes is only touched with `lock` locked.
final class Connection: @unchecked Sendable {
  /// What the client is expected to do in time.
  enum Phase {
    /// To send the head of a request, or nothing, which is not held against it.
    case idle
    /// To send the rest of a request.
    case request
    /// To wait, or to read.
    case response
  }

  let address: String
  let isSecure: Bool
  private let lock = NSLock()
  private var descriptor: Int32
  private var deadline: ContinuousClock.Instant?
  private var phase = Phase.idle
  private var hasUnread = false

  init(descriptor: Int32, address: String, isSecure: Bool, deadline: ContinuousClock.Instant) {
    (self.descriptor, self.address, self.isSecure, self.deadline) = (descriptor, address, isSecure, deadline)
  }

  /// The client has until `deadline`, or as long as it likes.
  func expect(_ phase: Phase, until deadline: ContinuousClock.Instant?) {
    lock.withLock { (self.phase, self.deadline) = (phase, deadline) }
  }

  /// The client may be sending what nobody will read.
  func leaveUnread() { lock.withLock { hasUnread = true } }

  /// All that the client has sent is read.
  func readAll() { lock.withLock { hasUnread = false } }

  /// Answers in the middle of a request, where the library has no way to. The connection must be closed then.
  ///
  /// - Returns: false when it cannot be done, because the connection is encrypted.
  func answer(_ response: Response) -> Bool { lock.withLock { write(response) } }

  private func write(_ response: Response) -> Bool {
    guard !isSecure, descriptor >= 0, case .data(let body) = response.body else { return false }
    var head = "HTTP/1.1 \(response.status) \(Problem.phrase(response.status))\r\n"
    for field in response.headers.fields { head += "\(field.name): \(field.value)\r\n" }
    head += "X-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
    // At this time nothing else is being sent. What does not fit into the socket's buffer is lost with the connection.
    let text = Data(head.utf8) + body
    _ = text.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    return true
  }

  /// Ends the connection when the client's time is up.
  func end(ifLate now: ContinuousClock.Instant) {
    lock.withLock {
      guard let deadline, deadline <= now, descriptor >= 0 else { return }
      self.deadline = nil
      if phase == .request { _ = write(Problem(408, "The request did not arrive in time.").response(to: nil)) }
      shutdown(descriptor, Int32(SHUT_RDWR))
    }
  }

  /// Ends the connection; the library notices.
  func cut() {
    lock.withLock {
      if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// The library is about to close the descriptor.
  ///
  /// - Returns: a descriptor of the same socket, when the client may still be sending.
  func close() -> Int32? {
    lock.withLock {
      defer { descriptor = -1 }
      guard hasUnread, descriptor >= 0 else { return nil }
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      return copy < 0 ? nil : copy
    }
  }
}
