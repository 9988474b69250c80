import Foundation

/// A value that only one thread at a time may access.
///
/// It is built on a POSIX mutex, which ThreadSanitizer recognises. It does not recognise the futexes of
/// `Synchronization.Mutex` on Linux as a lock.
///
/// `@unchecked Sendable`: `value` is read and written only between `lock()` and `unlock()`.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  /// Makes a guarded value.
  package init(_ value: Value) {
    self.value = value
  }

  /// Waits until no other thread has access, and runs the body with the value.
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
