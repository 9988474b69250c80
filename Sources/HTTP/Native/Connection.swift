import Foundation

/// The connection of one client, for as long as libmicrohttpd has it.
///
/// `@unchecked Sendable`: every variable is read and written with `lock` locked.
final class Connection: @unchecked Sendable {
  /// What the client must do before the deadline.
  enum Phase {
    /// Send the head of a request, or stay silent. A silent client gets no 408.
    case idle
    /// Send the rest of a request.
    case request
    /// Wait for the response, or read it.
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

  /// Sets what the client must do and until when; nil means without a deadline.
  func expect(_ phase: Phase, until deadline: ContinuousClock.Instant?) {
    lock.withLock { (self.phase, self.deadline) = (phase, deadline) }
  }

  /// Records that the client may be sending a body that is not read.
  func leaveUnread() { lock.withLock { hasUnread = true } }

  /// Records that everything the client has sent is read.
  func readAll() { lock.withLock { hasUnread = false } }

  /// Answers in the middle of a request, which libmicrohttpd cannot do. The caller must then close the connection.
  ///
  /// - Returns: Whether the answer was written. An encrypted connection cannot be answered this way.
  func answer(_ response: Response) -> Bool { lock.withLock { write(response) } }

  private func write(_ response: Response) -> Bool {
    guard !isSecure, descriptor >= 0, case .data(let body) = response.body else { return false }
    var head = "HTTP/1.1 \(response.status) \(Problem.phrase(response.status))\r\n"
    for field in response.headers.fields { head += "\(field.name): \(field.value)\r\n" }
    head += "X-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
    // Nothing else is being sent at this time. Bytes that do not fit into the socket's buffer are lost with the
    // connection.
    let text = Data(head.utf8) + body
    _ = text.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    return true
  }

  /// Ends the connection if the deadline has passed.
  func end(ifLate now: ContinuousClock.Instant) {
    lock.withLock {
      guard let deadline, deadline <= now, descriptor >= 0 else { return }
      self.deadline = nil
      if phase == .request { _ = write(Problem(408, "The request did not arrive in time.").response(to: nil)) }
      shutdown(descriptor, Int32(SHUT_RDWR))
    }
  }

  /// Shuts the connection down. libmicrohttpd detects this and closes it.
  func cut() {
    lock.withLock {
      if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// Called before libmicrohttpd closes the descriptor.
  ///
  /// - Returns: A second descriptor of the same socket if the client may still be sending; otherwise nil.
  func close() -> Int32? {
    lock.withLock {
      defer { descriptor = -1 }
      guard hasUnread, descriptor >= 0 else { return nil }
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      return copy < 0 ? nil : copy
    }
  }
}
