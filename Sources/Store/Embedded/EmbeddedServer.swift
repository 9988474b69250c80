internal import CMongo
import Foundation
import Posix
import Synchronization
import Values

/// A process's share in the private mongod of a data folder.
///
/// All processes that use the same data folder share one mongod. They coordinate through files in the folder `db`:
///
/// - `start.lock`: a process holds it exclusively while it starts, joins or leaves, so that these steps never overlap.
/// - `users.lock`: all users of mongod share it. A process that can lock it exclusively is the only user.
/// - `users.fifo` is mongod's standard input. Every user has it open for writing. When the last user closes it or is
///   killed, the kernel sends mongod the SIGTERM that `stopWhenUnused` set up. So mongod stops even if no user is left
///   to stop it. The pipe has a reader exactly as long as mongod is alive.
/// - `mongod.sock` is the only way to connect, because mongod opens no TCP port. mongod works in the folder and users
///   go through `/proc`, so the path of the socket is short even if the path of the data folder is long.
final class EmbeddedServer: Sendable {
  private enum Name {
    static let startLock = "start.lock"
    static let usersLock = "users.lock"
    static let users = "users.fifo"
    static let socket = "mongod.sock"
    static let log = "mongod.log"
    static let output = "mongod.out"
    static let files = "data"
    static let serverLock = "data/mongod.lock"
  }

  /// The lock and the pipe that make this process a user of mongod. The kernel releases both when the process ends.
  /// Both are nil after leaving.
  private struct Membership {
    var lock: FileLock?
    var pipe: Descriptor?
  }

  private let folder: Descriptor
  /// The folder's path, for messages.
  private let path: String
  private let membership = Mutex(Membership())

  /// Joins the users of the data folder's mongod, and starts mongod if it does not run.
  ///
  /// - Throws: `StoreError`.
  init(dataFolder: URL) throws {
    let (folder, path) = try Self.prepareFolder(in: dataFolder)
    self.folder = folder
    self.path = path
    try Self.explain(path) {
      let start = try takeStartLock()
      defer { withExtendedLifetime(start) {} }
      let lock = try FileLock(Name.usersLock, in: folder)
      let alone = try lock.tryExclusive()
      try lock.share()
      // If mongod still runs, it has no users: they were killed, and it is about to stop.
      if alone { try stop(force: true) }
      let pipe = try bringUp()
      membership.withLock { $0 = Membership(lock: lock, pipe: pipe) }
    }
  }

  deinit {
    leave()
  }

  /// The connection string of the private database.
  var connectionString: String {
    let path = socketPath.replacingOccurrences(of: "/", with: "%2F")
    return "mongodb://\(path)/rollcall?directConnection=true&serverSelectionTimeoutMS=2000"
  }

  /// Starts mongod again if it is gone, for instance killed.
  ///
  /// - Throws: `StoreError`.
  func ensureRunning() throws {
    try Self.explain(path) {
      try membership.withLock { membership in
        guard membership.lock != nil else { return }
        let start = try takeStartLock()
        defer { withExtendedLifetime(start) {} }
        membership.pipe = try bringUp()
      }
    }
  }

  /// Leaves the users of mongod. The last user stops mongod and waits for its end.
  func leave() {
    membership.withLock { membership in
      guard let lock = membership.lock.take() else { return }
      // Without the start lock, this process does not wait: mongod stops by itself when the last user is gone.
      let start = try? takeStartLock()
      defer { withExtendedLifetime(start) {} }
      let isLast = start != nil && (try? lock.tryExclusive()) == true
      membership.pipe = nil
      if isLast { try? stop(force: false) }
    }
  }

  // MARK: Start

  /// Waits until mongod answers. Starts it if necessary. Needs the start lock.
  ///
  /// - Returns: The pipe that keeps mongod alive.
  private func bringUp() throws -> Descriptor {
    var pipe: Descriptor?
    let settled = try wait(seconds: 30) {
      pipe = try openPipe()
      return pipe == nil || answers()
    }
    guard settled else {
      throw StoreError(
        .mongodFailed, "Connecting to the private database", cause: "mongod runs but does not answer",
        advice: "Look at \(path)/\(Name.log), end that mongod, and try again.")
    }
    guard let pipe else { return try startServer() }
    // SIGUSR1 makes mongod reopen its log.
    if rotateLog() { signalServer(SIGUSR1) }
    return pipe
  }

  private func startServer() throws -> Descriptor {
    let binary = try MongodBinary.find()
    _ = rotateLog()
    let reader = try Descriptor(Name.users, in: folder, flags: O_RDONLY | O_NONBLOCK)
    let pipe = try Descriptor(Name.users, in: folder, flags: O_WRONLY | O_NONBLOCK)
    let logged = logSize()
    let output = try Descriptor(Name.output, in: folder, flags: O_WRONLY | O_CREAT | O_TRUNC)
    let process = try ChildProcess(
      binary.path, arguments: Self.arguments, environment: binary.environment, folder: folder,
      files: (reader, output, output))
    try Self.stopWhenUnused(process.id, reader)
    // Recovery after a power cut reads the journal again, which may take a while.
    let settled = wait(seconds: 120) { process.hasEnded || answers() }
    guard settled, !process.hasEnded else {
      process.kill()
      throw startFailure(ended: process.hasEnded, logged: logged)
    }
    return pipe
  }

  private static let arguments = [
    "--dbpath", Name.files, "--bind_ip", "./\(Name.socket)", "--nounixsocket", "--noscripting",
    "--logpath", Name.log, "--logappend", "--logRotate", "reopen", "--quiet",
    // Slow operations would be logged with the personal data in them.
    "--slowOpSampleRate", "0",
    "--wiredTigerCacheSizeGB", "0.25",
    // Avoids three journal files of 100 MB each that are written before they are needed, and avoids progress messages.
    "--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false),verbose=[]",
    "--setParameter", "diagnosticDataCollectionEnabled=false",
    "--setParameter", "ttlMonitorEnabled=false",
  ]

  /// Makes the kernel send `server` a SIGTERM when no process has the pipe open for writing any more.
  ///
  /// - Parameter reader: The open file that is the server's standard input. The setting belongs to the open file, so it
  ///   lasts as long as the server.
  private static func stopWhenUnused(_ server: pid_t, _ reader: Descriptor) throws(SystemFailure) {
    try SystemFailure.check { fcntl(reader.number, F_SETOWN, server) }
    try SystemFailure.check { fcntl(reader.number, Int32(ROLLCALL_F_SETSIG), SIGTERM) }
    try SystemFailure.check { fcntl(reader.number, F_SETFL, O_NONBLOCK | O_ASYNC) }
  }

  // MARK: Stop

  /// Stops a running mongod and waits for its end. Needs the start lock. Call this only if mongod has no users.
  ///
  /// - Parameter force: Whether to kill a mongod that does not stop. Its journal keeps the data that was written.
  private func stop(force: Bool) throws {
    guard try openPipe() != nil else { return }
    signalServer(SIGTERM)
    if try wait(seconds: 30, until: { try openPipe() == nil }) || !force { return }
    signalServer(SIGKILL)
    if try wait(seconds: 10, until: { try openPipe() == nil }) { return }
    throw StoreError(
      .mongodFailed, "Stopping an abandoned private database", cause: "mongod does not end",
      advice: "End the mongod that works in \(path), and try again.")
  }

  /// Sends a signal to mongod. The process id comes from mongod's lock file. The id is trusted only if that process
  /// works in this folder, because the id may be old, or from another container.
  private func signalServer(_ signal: Int32) {
    guard let text = try? Descriptor(Name.serverLock, in: folder, flags: O_RDONLY).text(limit: 32),
      let id = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), id > 1
    else { return }
    var working = stat()
    var own = stat()
    guard stat("/proc/\(id)/cwd", &working) == 0, fstat(folder.number, &own) == 0,
      working.st_dev == own.st_dev, working.st_ino == own.st_ino
    else { return }
    kill(id, signal)
  }

  // MARK: State

  private func takeStartLock() throws -> FileLock {
    let lock = try FileLock(Name.startLock, in: folder)
    guard try wait(seconds: 180, until: { try lock.tryExclusive() }) else {
      throw StoreError(
        .mongodFailed, "Opening the private database",
        cause: "another Rollcall has been starting or stopping it for three minutes",
        advice: "Look at \(path)/\(Name.log), end that process, and try again.")
    }
    return lock
  }

  /// Opens the pipe for writing; nil if mongod, its reader, does not run.
  private func openPipe() throws(SystemFailure) -> Descriptor? {
    do {
      return try Descriptor(Name.users, in: folder, flags: O_WRONLY | O_NONBLOCK)
    } catch let failure where failure.code == ENXIO {
      return nil
    }
  }

  private func procPath(_ name: String) -> String {
    "/proc/self/fd/\(folder.number)/\(name)"
  }

  private var socketPath: String { procPath(Name.socket) }

  private func answers() -> Bool {
    ServerPing.answers(at: socketPath)
  }
}

// MARK: Folder and log

extension EmbeddedServer {
  private static func prepareFolder(in dataFolder: URL) throws -> (Descriptor, path: String) {
    let url = dataFolder.appending(path: "db")
    let path = url.path(percentEncoded: false)
    let ownerOnly: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    do {
      try FileManager.default.createDirectory(
        at: url.appending(path: Name.files), withIntermediateDirectories: true, attributes: ownerOnly)
      try FileManager.default.setAttributes(ownerOnly, ofItemAtPath: path)
    } catch {
      throw StoreError(
        .dataFolder, "Opening the data folder", cause: "\(path) cannot be made or is not yours",
        advice: "Choose a data folder that you may write to.")
    }
    return try explain(path) {
      let folder = try Descriptor(path, flags: O_RDONLY | O_DIRECTORY)
      if mkfifoat(folder.number, Name.users, 0o600) != 0, errno != EEXIST { throw SystemFailure(code: errno) }
      return (folder, path)
    }
  }

  /// Renames a log of more than a megabyte. It replaces the log that was renamed before.
  private func rotateLog() -> Bool {
    logSize() > 1_000_000 && renameat(folder.number, Name.log, folder.number, Name.log + ".1") == 0
  }

  private func logSize() -> Int {
    var status = stat()
    return fstatat(folder.number, Name.log, &status, 0) == 0 ? status.st_size : 0
  }

  /// The error for a start that failed, with the cause that mongod reported.
  ///
  /// - Parameter logged: The size of the log in bytes before the start that failed.
  private func startFailure(ended: Bool, logged: Int) -> StoreError {
    let printed = (try? Descriptor(Name.output, in: folder, flags: O_RDONLY).text(limit: 65_536)) ?? ""
    // Before mongod opens its log, the output has plain messages of the system. Later it has JSON messages.
    let words = printed.split(separator: "\n").filter { !$0.hasPrefix("{") }.map(String.init)
    let reasons = MongodLog.failures(in: procPath(Name.log), after: logged) + words
    let cause = reasons.first ?? (ended ? "mongod ended at once" : "mongod was not ready after two minutes")
    return StoreError(
      .mongodFailed, "Starting the private database", cause: cause,
      advice: "Look at \(path)/\(Name.log). The disk may be full, or the files from a newer mongod.")
  }

  /// Turns a failed system call into an error that names the folder.
  private static func explain<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let failure as SystemFailure {
      throw StoreError(
        .dataFolder, "Opening the private database", cause: "\(path): \(failure.text)",
        advice: "Choose a data folder on a local disk that you may write to.")
    }
  }
}
