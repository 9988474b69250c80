import Foundation
import Synchronization

/// The pool of a store until the store is closed.
final class SharedPool: Sendable {
  private struct State {
    /// nil once closed.
    var pool: ClientPool?
    /// Goes up when the pool is replaced.
    var generation = 0
    /// Pools on their way out.
    var retired: [ClientPool] = []
  }

  private let state: Mutex<State>
  private let retiring = DispatchGroup()

  init(_ pool: ClientPool) {
    state = Mutex(State(pool: pool))
  }

  /// Which pool is in use.
  var generation: Int {
    state.withLock { $0.generation }
  }

  /// The pool in use; nil once closed.
  var current: ClientPool? {
    state.withLock { $0.pool }
  }

  /// Puts a new pool in the place of the one of `generation`, unless another thread has done so already.
  ///
  /// libmongoc may take long to notice that a server it has given up is back; a new pool knows at once.
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

  /// Closes all connections, and runs `meanwhile` as soon as the server was told.
  ///
  /// libmongoc says goodbye within a moment, and then waits up to half a second for a thread of its own that listens
  /// to the server. When `meanwhile` stops the server, that thread ends at once.
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
