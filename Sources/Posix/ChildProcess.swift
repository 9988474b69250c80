internal import CMongo
import Foundation
import Synchronization

/// A mongod that this process started. Its end is waited for on a thread of its own, so that it leaves no zombie.
final class ServerProcess: Sendable {
  let id: pid_t
  private let ended = Mutex<Int32?>(nil)

  /// Starts `binary` in a session of its own, so that no Ctrl-C of the terminal reaches it.
  ///
  /// - Parameters:
  ///   - folder: the working folder. Paths in `arguments` are relative to it.
  ///   - input: becomes its standard input. No other open file is inherited.
  ///   - output: name of the file in `folder` that takes what it prints.
  /// - Throws: `SystemFailure`.
  init(
    _ binary: MongodBinary, arguments: [String], folder: Descriptor, input: Descriptor, output: String
  ) throws(SystemFailure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addfchdir_np(&actions, folder.number)
    posix_spawn_file_actions_adddup2(&actions, input.number, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
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

    var started: pid_t = 0
    let code = Self.withCStrings([binary.path] + arguments) { arguments in
      Self.withCStrings(Self.environment(for: binary)) { environment in
        posix_spawn(&started, binary.path, &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else { throw SystemFailure(code: code) }
    let id = started
    self.id = id
    Thread.detachNewThread { [self] in
      var status: Int32 = 0
      _ = try? SystemFailure.check { waitpid(id, &status, 0) }
      ended.withLock { $0 = status }
    }
  }

  /// Whether it has come to its end.
  var hasEnded: Bool {
    ended.withLock { $0 != nil }
  }

  private static func environment(for binary: MongodBinary) -> [String] {
    // mongod stops at once when the user's locale is not installed.
    var environment = ["LC_ALL=C", "PATH=/usr/bin:/bin"]
    if let libraries = binary.libraries { environment.append("LD_LIBRARY_PATH=\(libraries)") }
    return environment
  }

  private static func withCStrings<R>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
  ) -> R {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
  }
}
