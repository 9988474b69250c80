import Foundation

/// A file that appears only when it is complete. Only its owner may read it.
enum WholeFile {
  /// Lets `body` write a file beside `path`, then moves it to `path`.
  ///
  /// If that fails, no file is left. A link stays, and its target is replaced. A pipe or a device is written directly.
  static func write<R>(_ path: String, _ body: (_ partial: String) throws -> R) throws -> R {
    var status = stat()
    let isThere = stat(path, &status) == 0
    if isThere, status.st_mode & S_IFMT != S_IFREG { return try body(path) }
    let target = isThere ? URL(fileURLWithPath: path).resolvingSymlinksInPath().path : path
    let partial = target + ".part"
    guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]) else {
      throw Complaint("\(path) cannot be written; choose another --output")
    }
    do {
      let result = try body(partial)
      guard rename(partial, target) == 0 else {
        throw Complaint("\(path) cannot be written: \(String(cString: strerror(errno)))")
      }
      return result
    } catch {
      unlink(partial)
      throw error
    }
  }

  /// Writes a text in pieces, in the same way.
  static func writeText<R>(_ path: String, _ body: (_ write: (String) throws -> Void) throws -> R) throws -> R {
    try write(path) { partial in
      guard let handle = FileHandle(forWritingAtPath: partial) else {
        throw Complaint("\(path) cannot be written; choose another --output")
      }
      let result = try body { try handle.write(contentsOf: Data($0.utf8)) }
      try handle.close()
      return result
    }
  }
}
