import Foundation
import Synchronization

/// The connection pool of a store, until the store is closed.
final class SharedPool: Sendable {
  private struct State {
    /// The pool in use; nil once closed.
    var pool: ClientPool?
    /// The number of the pool in use. It increases when the pool is replaced.
    var generation = 0
    /// Replaced pools that are not destroyed yet.
    var retired: [ClientPool] = []
  }

  private let state: Mutex<State>
  private let retiring = DispatchGroup()

  init(_ pool: ClientPool) {
    state = Mutex(State(pool: pool))
  }

  /// The number of the pool in use.
  var generation: Int {
    state.withLock { $0.generation }
  }

  /// The pool in use; nil once closed.
  var current: ClientPool? {
    state.withLock { $0.pool }
  }

  /// Replaces the pool of `generation` with a new one, unless another thread has done so already.
  ///
  /// libmongoc may take long to find out that a lost server is back. A new pool finds out at once.
  func replace(_ generation: Int, with make: () throws -> ClientPool) rethrows {
    let replaced = try state.withLock { state in
      guard state.generation == generation, let old = state.pool else { return false }
      state.pool = try make()
      state.retired.append(old)
      state.generation += 1
      return true
    }
    if replaced { retire() }
  }

  /// Closes all connections, and runs `meanwhile` as soon as libmongoc has informed the server.
  ///
  /// libmongoc informs the server within a moment. It then waits up to half a second for its own thread that listens to
  /// the server. If `meanwhile` stops the server, that thread ends at once.
  func close(meanwhile: () -> Void) {
    let isOpen = state.withLock { state in
      guard let last = state.pool.take() else { return false }
      state.retired.append(last)
      return true
    }
    if isOpen { retire() }
    _ = retiring.wait(timeout: .now() + .milliseconds(50))
    meanwhile()
    retiring.wait()
  }

  private func retire() {
    retiring.enter()
    Thread.detachNewThread { [self] in
      do { _ = state.withLock { $0.retired.popLast() } }
      retiring.leave()
    }
  }
}
