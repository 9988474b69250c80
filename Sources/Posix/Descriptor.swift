import Foundation

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

  deinit {
    close(number)
  }

  /// What can be read from here on, at most `limit` bytes.
  func text(limit: Int) -> String {
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
  func share() throws(SystemFailure) {
    try SystemFailure.check { flock(file.number, LOCK_SH) }
  }
}

/// Asks `condition` every few milliseconds until it answers true.
///
/// - Returns: false when `seconds` went by first.
func wait(seconds: Double, until condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    if ContinuousClock.now >= deadline { return false }
    usleep(5_000)
  }
  return true
}
