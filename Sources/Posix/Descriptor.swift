package import Foundation

/// An open file. It owns the file descriptor, which no child process inherits.
package final class Descriptor: Sendable {
  /// The file descriptor, valid for the lifetime of this object.
  package let number: Int32

  /// Opens `path`, relative to `folder` if there is one.
  ///
  /// - Throws: `SystemFailure`.
  package init(_ path: String, in folder: Descriptor? = nil, flags: Int32, mode: mode_t = 0o600) throws(SystemFailure) {
    number = try SystemFailure.check { openat(folder?.number ?? AT_FDCWD, path, flags | O_CLOEXEC, mode) }
  }

  private init(owning number: Int32) {
    self.number = number
  }

  /// Makes the two ends of a connection. What is written to one can be read from the other.
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

  /// Reads text from the current position to the end, at most `limit` bytes.
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

/// The error of a failed system call, with its `errno`.
package struct SystemFailure: Error {
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// The system's message, such as "Permission denied".
  package var text: String { String(cString: strerror(code)) }

  /// Runs `call`, and repeats it as long as a signal interrupts it. Throws if it returns −1.
  @discardableResult
  package static func check(_ call: () -> Int32) throws(SystemFailure) -> Int32 {
    while true {
      let result = call()
      if result != -1 { return result }
      if errno != EINTR { throw SystemFailure(code: errno) }
    }
  }
}

/// A lock between processes on a file. It is released when this object or the process ends, for any reason.
///
/// The lock belongs to the open file, not to the process: two locks in one process exclude each other like those of two
/// processes.
package final class FileLock: Sendable {
  /// The file that the lock is on.
  package let file: Descriptor

  package init(_ name: String, in folder: Descriptor) throws(SystemFailure) {
    file = try Descriptor(name, in: folder, flags: O_RDWR | O_CREAT)
  }

  /// Acquires the lock exclusively if no other object holds it. Returns false if that fails; a lock that this object
  /// held before is then lost.
  package func tryExclusive() throws(SystemFailure) -> Bool {
    do {
      try SystemFailure.check { flock(file.number, LOCK_EX | LOCK_NB) }
      return true
    } catch let failure where failure.code == EWOULDBLOCK {
      return false
    }
  }

  /// Acquires the lock exclusively. Waits until all other objects have released it.
  package func exclusive() throws(SystemFailure) {
    try SystemFailure.check { flock(file.number, LOCK_EX) }
  }

  /// Releases the lock.
  package func release() {
    flock(file.number, LOCK_UN)
  }

  /// Acquires the lock together with other objects. Waits for an object that holds it exclusively.
  package func share() throws(SystemFailure) {
    try SystemFailure.check { flock(file.number, LOCK_SH) }
  }
}

/// Checks `condition` every few milliseconds until it is true.
///
/// - Returns: Whether it became true within `seconds`.
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
  /// The result of receiving.
  package enum Received: Sendable {
    case complete
    /// The other end is closed.
    case closed
    /// The deadline has passed.
    case late
  }

  /// Sends all of `bytes` over a connection. No signal is raised.
  ///
  /// - Returns: Whether all bytes were sent. False if the other end is closed.
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

  /// Sends all of `data`, as `send` does with bytes.
  package func send(_ data: Data) -> Bool { data.withUnsafeBytes { send($0) } }

  /// Fills `bytes` with data from a connection.
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

  /// Ends a connection in both directions. Threads that wait at either end continue.
  package func shutDown() { shutdown(number, Int32(SHUT_RDWR)) }

  /// Ends the sending direction: nothing more will be sent.
  package func shutDownWriting() { shutdown(number, Int32(SHUT_WR)) }
}
