import Formats
import Foundation
import Posix
import Values

/// The folder of the events that wait for one database.
///
/// - `OWNER-000001.jsonl`, …: the segments of one process, oldest first.
/// - `OWNER-open.jsonl`: the ends of open visits as they would be now; a segment like the others, and the last one,
///   when the process has ended without ending them.
/// - `OWNER.lock`: locked by the process as long as it lives. If no process holds the lock, any process may take over
///   the segments.
/// - `refused.jsonl`, `damaged.txt`: what could not be delivered.
/// - `lock`: locked for a moment by each process that writes, removes or rewrites a file here. It grows by one byte
///   with each rewriting, so that other processes detect that positions in files have changed.
///
/// Only one thread at a time may use the lock of an object.
final class SpoolFolder: Sendable {
  enum Name {
    static let lock = "lock"
    static let refused = "refused.jsonl"
    static let damaged = "damaged.txt"
    static let segment = ".jsonl"
    static let checkpoint = "open" + segment
    static let owner = ".lock"
    static let temporary = ".tmp"
  }

  /// The path, for messages.
  let path: String
  let descriptor: Descriptor
  private let lock: FileLock

  /// Opens an existing folder.
  ///
  /// - Throws: `SpoolError`.
  init(at url: URL) throws(SpoolError) {
    let path = url.path(percentEncoded: false)
    self.path = path
    do throws(SystemFailure) {
      descriptor = try Descriptor(path, flags: O_RDONLY | O_DIRECTORY)
      lock = try FileLock(Name.lock, in: descriptor)
    } catch {
      throw SpoolError(error, "Opening the folder of waiting events", path: path)
    }
  }

  /// Opens the folder. Makes it if it is missing, without access for other users.
  ///
  /// - Throws: `SpoolError`.
  static func make(for destination: String, in dataFolder: URL) throws(SpoolError) -> SpoolFolder {
    let spool = root(in: dataFolder)
    let url = spool.appending(path: destination)
    // A new folder survives a power cut only when its parent folder has been flushed to disk.
    for folder in [dataFolder, spool, url] {
      let path = folder.path(percentEncoded: false)
      do throws(SystemFailure) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
        if folder == dataFolder {
          try? FileManager.default.createDirectory(
            at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
        }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw SystemFailure(code: errno) }
        let parent = folder.deletingLastPathComponent().path(percentEncoded: false)
        try synchronize(try Descriptor(parent, flags: O_RDONLY | O_DIRECTORY))
      } catch {
        throw SpoolError(error, "Making the folder of waiting events", path: path)
      }
    }
    return try SpoolFolder(at: url)
  }

  static func root(in dataFolder: URL) -> URL {
    dataFolder.appending(path: "spool")
  }

  /// The folders of all databases, sorted by name.
  static func all(in dataFolder: URL) -> [URL] {
    let root = root(in: dataFolder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path(percentEncoded: false))) ?? []
    return names.sorted().map { root.appending(path: $0) }.filter {
      (try? $0.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    }
  }

  /// The name of the folder for the database at `address`, such as "private_database".
  static func destination(_ address: String) -> String {
    let letters = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z"))
      .union(CharacterSet(charactersIn: "0"..."9")).union(CharacterSet(charactersIn: "-"))
    let readable = address.unicodeScalars.map { letters.contains($0) || $0 == "." ? String($0) : "_" }.joined()
    let name = String(readable.drop { $0 == "." }.prefix(100))
    return name == address ? name : "\(name)-\(Digest.sha256(Data(address.utf8)).prefix(8))"
  }

  // MARK: Lock

  /// Runs `body` while no other process and no other object changes files here.
  func withLock<R>(_ body: () throws -> R) throws -> R {
    try attempt("Locking the folder of waiting events") { () throws(SystemFailure) in try lock.exclusive() }
    defer { lock.release() }
    return try body()
  }

  /// The number of rewritings of files here. The caller holds the lock.
  var rewritings: Int {
    var status = stat()
    return fstat(lock.file.number, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Announces to other processes that files here are about to be rewritten. The caller holds the lock.
  func announceRewriting() throws(SystemFailure) {
    let size = rewritings
    try SystemFailure.check { ftruncate(lock.file.number, off_t(size + 1)) }
    try SystemFailure.check { fsync(lock.file.number) }
  }

  // MARK: Files

  /// The names of all files, sorted.
  func names() throws(SpoolError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw SpoolError(
        .unusable, "Reading the folder of waiting events", cause: "\(path) cannot be read",
        advice: "Make it a folder that you may read and write.")
    }
  }

  /// The process to which a segment belongs; nil for other files.
  static func owner(ofSegment name: String) -> String? {
    guard name.hasSuffix(Name.segment), let dash = name.lastIndex(of: "-") else { return nil }
    return String(name[..<dash])
  }

  /// The size of a file in bytes; 0 if it does not exist.
  func size(_ name: String) -> Int {
    var status = stat()
    return fstatat(descriptor.number, name, &status, 0) == 0 ? Int(status.st_size) : 0
  }

  func remove(_ name: String) throws(SystemFailure) {
    if unlinkat(descriptor.number, name, 0) != 0, errno != ENOENT { throw SystemFailure(code: errno) }
  }

  func rename(_ old: String, to new: String) throws(SystemFailure) {
    try SystemFailure.check { renameat(descriptor.number, old, descriptor.number, new) }
  }

  /// Appends `data` to a file and waits until it is on disk. If it throws, nothing is appended. The caller holds the
  /// lock.
  func append(_ data: Data, to name: String) throws(SystemFailure) {
    let isNew = size(name) == 0
    let file = try Descriptor(name, in: descriptor, flags: O_WRONLY | O_CREAT | O_APPEND)
    try Self.write(data, to: file, at: size(name))
    try SystemFailure.check { fsync(file.number) }
    if isNew { try Self.synchronize(descriptor) }
  }

  /// Replaces a file by a new one with `data`, atomically. The caller holds the lock.
  ///
  /// - Parameter isSynchronized: Whether to wait until it is on disk. If not, a machine that stops may lose both files.
  func replace(_ name: String, with data: Data, isSynchronized: Bool = true) throws(SystemFailure) {
    let temporary = name + Name.temporary
    do throws(SystemFailure) {
      let file = try Descriptor(temporary, in: descriptor, flags: O_WRONLY | O_CREAT | O_TRUNC)
      try Self.write(data, to: file, at: 0)
      if isSynchronized { try SystemFailure.check { fsync(file.number) } }
      try rename(temporary, to: name)
    } catch {
      try? remove(temporary)
      throw error
    }
    if isSynchronized { try Self.synchronize(descriptor) }
  }

  /// Runs `body` with the lines of a file from `offset` on, without their line ends.
  ///
  /// - Parameters:
  ///   - limit: Where to stop, in bytes from the beginning of the file.
  ///   - body: Receives a line, whether it has a line end, and where it ends. Returns whether to continue. The line is
  ///     valid during the call only.
  func forEachLine(
    of name: String, from offset: Int = 0, limit: Int = .max, _ body: (Data, Bool, Int) throws -> Bool
  ) throws {
    let file: Descriptor
    do throws(SystemFailure) {
      file = try Descriptor(name, in: descriptor, flags: O_RDONLY)
    } catch {
      if error.code == ENOENT { return }
      throw SpoolError(error, "Reading waiting events", path: "\(path)/\(name)")
    }
    var buffer = Data()
    var position = offset
    while true {
      let more = try read(file, name, at: position + buffer.count, count: min(limit - position - buffer.count, 1 << 18))
      if more.isEmpty { break }
      buffer.append(more)
      var start = buffer.startIndex
      while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        let next = buffer.index(after: end)
        guard try body(buffer[start..<end], true, position + (next - buffer.startIndex)) else { return }
        start = next
      }
      position += start - buffer.startIndex
      buffer = Data(buffer[start...])
    }
    if !buffer.isEmpty { _ = try body(buffer, false, position + buffer.count) }
  }

  private func read(_ file: Descriptor, _ name: String, at offset: Int, count: Int) throws(SpoolError) -> Data {
    guard count > 0 else { return Data() }
    var bytes = [UInt8](repeating: 0, count: count)
    do throws(SystemFailure) {
      var received = 0
      try SystemFailure.check {
        received = pread(file.number, &bytes, count, off_t(offset))
        return received < 0 ? -1 : 0
      }
      return Data(bytes.prefix(received))
    } catch {
      throw SpoolError(error, "Reading waiting events", path: "\(path)/\(name)")
    }
  }

  /// Writes all of `data`, or nothing.
  ///
  /// - Parameter size: The size of the file before writing, in bytes.
  static func write(_ data: Data, to file: Descriptor, at size: Int) throws(SystemFailure) {
    var written = 0
    do throws(SystemFailure) {
      while written < data.count {
        try SystemFailure.check {
          let count = data.withUnsafeBytes { bytes in
            Glibc.write(file.number, bytes.baseAddress.map { $0 + written }, data.count - written)
          }
          written += max(0, count)
          return count < 0 ? -1 : 0
        }
      }
    } catch {
      try SystemFailure.check { ftruncate(file.number, off_t(size)) }
      throw error
    }
  }

  /// Flushes the names in a folder to disk.
  static func synchronize(_ folder: Descriptor) throws(SystemFailure) {
    // Some file systems do not support this for a folder, and report EINVAL.
    if fsync(folder.number) != 0, errno != EINVAL { throw SystemFailure(code: errno) }
  }

  /// Runs `body`, and turns a failed system call into an error with the path of the folder.
  func attempt<R>(_ operation: String, _ body: () throws(SystemFailure) -> R) throws(SpoolError) -> R {
    do throws(SystemFailure) {
      return try body()
    } catch {
      throw SpoolError(error, operation, path: path)
    }
  }
}
