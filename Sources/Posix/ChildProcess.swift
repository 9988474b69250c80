internal import CPosix
import Foundation

/// A process that this one has started. A thread waits for its end, so that it leaves no zombie.
///
/// `@unchecked Sendable`: `status` is read and written with `condition` locked.
package final class ChildProcess: @unchecked Sendable {
  package let id: Int32
  private let condition = NSCondition()
  private var status: Int32?

  /// Starts a program in its own session, so that Ctrl-C on the terminal does not reach it.
  ///
  /// - Parameters:
  ///   - program: The path of the program.
  ///   - environment: The whole environment, as NAME=value.
  ///   - folder: The working folder; nil for the one of this process.
  ///   - files: The standard input, output and error of the program. It inherits no other open file.
  /// - Throws: `SystemFailure`.
  package init(
    _ program: String, arguments: [String], environment: [String], folder: Descriptor? = nil,
    files: (input: Descriptor, output: Descriptor, error: Descriptor)
  ) throws(SystemFailure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let folder { posix_spawn_file_actions_addfchdir_np(&actions, folder.number) }
    for (number, file) in [files.input, files.output, files.error].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, file.number, Int32(number))
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(ROLLCALL_SPAWN_SETSID) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    var started: Int32 = 0
    let code = Self.withCStrings([program] + arguments) { arguments in
      Self.withCStrings(environment) { environment in
        posix_spawn(&started, program, &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else { throw SystemFailure(code: code) }
    let id = started
    self.id = id
    Thread.detachNewThread { [self] in
      var status: Int32 = 0
      _ = try? SystemFailure.check { waitpid(id, &status, 0) }
      condition.withLock {
        self.status = status
        condition.broadcast()
      }
    }
  }

  /// Whether the process has ended.
  package var hasEnded: Bool {
    condition.withLock { status != nil }
  }

  /// Kills the process and waits for its end, up to `timeout`. A process that hangs in a driver may take longer.
  ///
  /// - Parameter timeout: How long to wait, in seconds.
  package func kill(timeout: Double = 1) {
    condition.withLock {
      let deadline = Date(timeIntervalSinceNow: timeout)
      // With the lock held: until the end of the process is recorded, its ID cannot belong to another process.
      if status == nil { _ = Foundation.kill(id, SIGKILL) }
      while status == nil, condition.wait(until: deadline) {}
    }
  }

  /// Waits for the end of the process.
  ///
  /// - Parameter timeout: How long to wait, in seconds.
  /// - Returns: The exit status; 128 plus the number of the signal if a signal ended the process; nil if it still runs.
  package func wait(timeout: Double) -> Int32? {
    condition.withLock {
      let deadline = Date(timeIntervalSinceNow: timeout)
      while status == nil, condition.wait(until: deadline) {}
      return status.map { $0 & 0x7f == 0 ? ($0 >> 8) & 0xff : 128 + ($0 & 0x7f) }
    }
  }

  private static func withCStrings<R>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
  ) -> R {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
  }
}
