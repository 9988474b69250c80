package import Foundation

/// An open file. Owns the descriptor, which no child process inherits.
package final class Descriptor: Sendable {
  /// Valid as long as this object is.
  package let number: Int32

  /// Opens `path`, which is relative to `folder` when there is one.
  ///
  /// - Throws: `SystemFailure`.
  package init(_ path: String, in folder: Descriptor? = nil, flags: Int32, mode: mode_t = 0o600) throws(SystemFailure) {
    number = try SystemFailure.check { openat(folder?.number ?? AT_FDCWD, path, flags | O_CLOEXEC, mode) }
  }

  private init(owning number: Int32) {
    self.number = number
  }

  /// The two ends of a connection: what is written to one can be read from the other.
  package static func connection() throws(SystemFailure) -> (Descriptor, Descriptor) {
    var ends: (Int32, Int32) = (-1, -1)
    try withUnsafeMutableBytes(of: &ends) { (ends) throws(SystemFailure) in
      let numbers = ends.assumingMemoryBound(to: Int32.self).baseAddress
      try SystemFailure.check {
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, numbers)
      }
    }
    return (Descriptor(owning: ends.0), Descriptor(owning: ends.1))
  }

  deinit {
    close(number)
  }

  /// What can be read from here on, at most `limit` bytes.
  package func text(limit: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let more = bytes.withUnsafeMutableBytes { read(number, $0.baseAddress.map { $0 + count }, limit - count) }
      if more <= 0 { break }
      count += more
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

/// A system call that failed, with its `errno`.
package struct SystemFailure: Error {
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// The system's own words, such as "Permission denied".
  package var text: String { String(cString: strerror(code)) }

  /// Runs `call` again as long as a signal interrupts it, and throws when it answers −1.
  @discardableResult
  package static func check(_ call: () -> Int32) throws(SystemFailure) -> Int32 {
    while true {
      let result = call()
      if result != -1 { return result }
      if errno != EINTR { throw SystemFailure(code: errno) }
    }
  }
}

/// A lock between processes on a file, let go when this object or the process goes, however it goes.
///
/// It belongs to the open file, not to the process: two locks in one process exclude each other like two processes do.
package final class FileLock: Sendable {
  /// The file that the lock is on.
  package let file: Descriptor

  package init(_ name: String, in folder: Descriptor) throws(SystemFailure) {
    file = try Descriptor(name, in: folder, flags: O_RDWR | O_CREAT)
  }

  /// Takes the lock alone if nobody else holds it. Whatever was held before is lost when that does not work.
  package func tryExclusive() throws(SystemFailure) -> Bool {
    do {
      try SystemFailure.check { flock(file.number, LOCK_EX | LOCK_NB) }
      return true
    } catch let failure where failure.code == EWOULDBLOCK {
      return false
    }
  }

  /// Takes the lock alone, waiting for everybody else who holds it.
  package func exclusive() throws(SystemFailure) {
    try SystemFailure.check { flock(file.number, LOCK_EX) }
  }

  /// Lets the lock go.
  package func release() {
    flock(file.number, LOCK_UN)
  }

  /// Takes the lock together with others, waiting for one who holds it alone.
  package func share() throws(SystemFailure) {
    try SystemFailure.check { flock(file.number, LOCK_SH) }
  }
}

/// Asks `condition` every few milliseconds until it answers true.
///
/// - Returns: false when `seconds` went by first.
package func wait(seconds: Double, until condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    if ContinuousClock.now >= deadline { return false }
    usleep(5_000)
  }
  return true
}

// MARK: Connections

extension Descriptor {
  /// How receiving ended.
  package enum Received: Sendable {
    case complete
    /// The other end is closed.
    case closed
    /// Time ran out.
    case late
  }

  /// Sends all of `bytes` over a connection.
  ///
  /// - Returns: false when the other end is closed. No signal is raised.
  package func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.send(number, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Sends all of `data`, as above.
  package func send(_ data: Data) -> Bool { data.withUnsafeBytes { send($0) } }

  /// Fills `bytes` with what comes over a connection.
  package func receive(_ bytes: UnsafeMutableRawBufferPointer, until deadline: ContinuousClock.Instant) -> Received {
    var filled = 0
    while filled < bytes.count {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0 else { return .late }
      var poll = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      let ready = Foundation.poll(&poll, 1, Int32(min(left.rounded(.up), 1_000_000)))
      if ready == 0 || (ready < 0 && errno == EINTR) { continue }
      let count = read(number, bytes.baseAddress.map { $0 + filled }, bytes.count - filled)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return .closed }
      filled += count
    }
    return .complete
  }

  /// Ends a connection in both directions; whoever waits at either end goes on.
  package func shutDown() { shutdown(number, Int32(SHUT_RDWR)) }

  /// Says that nothing more will be sent.
  package func shutDownWriting() { shutdown(number, Int32(SHUT_WR)) }
}
