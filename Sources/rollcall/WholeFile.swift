import Foundation

/// A file that appears when it is whole, so that nobody reads half of it, and that only its owner may read.
enum WholeFile {
  /// Lets `body` write a file beside `path`, and puts it in its place. When that fails, nothing is left. A link stays,
  /// and what it leads to is replaced; a pipe or a device is written to.
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

  /// The same for text that comes in pieces.
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
