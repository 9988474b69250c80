import Foundation

/// A value that one thread at a time may touch.
///
/// Built on a POSIX mutex, which ThreadSanitizer knows; it takes the futexes of `Synchronization.Mutex` on Linux for no
/// lock at all.
///
/// `@unchecked Sendable`: `value` is only touched between `lock()` and `unlock()`.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  /// Begins with this value.
  package init(_ value: Value) {
    self.value = value
  }

  /// Waits until no other thread is inside, and runs the body with the value.
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
