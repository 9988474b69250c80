import Foundation

/// A file that cannot be enrolled, with the reason.
public struct FileProblem: Sendable, Equatable {
  /// The path as it was given or found.
  public let file: String
  /// A short word for programs.
  public let code: String
  /// A sentence for people.
  public let reason: String

  /// A problem with a file.
  public init(file: String, code: String, reason: String) {
    self.file = file
    self.code = code
    self.reason = reason
  }
}

/// A finder of photos in folders, in the order of their names.
///
/// It follows links. A link that leads back to a folder that it is in is reported as a problem.
public struct PhotoFinder {
  /// The files that were found, in order.
  public private(set) var files: [String] = []
  /// The files and folders that cannot be read.
  public private(set) var problems: [FileProblem] = []
  private var open: Set<FileID> = []

  /// Creates a finder without files.
  ///
  /// - Parameter folder: The folder that contains the paths to be added. A link back to it is a loop.
  public init(inside folder: String? = nil) {
    if let folder, case .success(let id) = FileID.of(folder) { open.insert(id) }
  }

  /// Extensions of photos. In folders, only files with one of these are added. A file that is named on the command line
  /// is added under any name, and its content decides.
  private static let extensions: Set<String> = [
    "jpg", "jpeg", "jpe", "png", "webp", "bmp", "tif", "tiff", "gif", "heic", "heif", "avif", "jfif",
  ]

  /// Adds a photo, or every photo below a folder.
  public mutating func add(_ path: String) {
    switch FileID.of(path) {
    case .failure(let problem): problems.append(problem)
    case .success(let found) where found.isFolder: walk(path, found)
    case .success: files.append(path)
    }
  }

  private mutating func walk(_ folder: String, _ id: FileID) {
    guard open.insert(id).inserted else {
      problems.append(
        FileProblem(file: folder, code: "link-loop", reason: "a link that leads back to a folder it is in"))
      return
    }
    defer { open.remove(id) }
    switch PhotoFinder.contents(of: folder) {
    case .failure(let problem): problems.append(problem)
    case .success(let names):
      for name in names {
        let path = folder + "/" + name
        switch FileID.of(path) {
        case .failure(let problem): problems.append(problem)
        case .success(let found) where found.isFolder: walk(path, found)
        case .success where PhotoFinder.promisesPhoto(name): files.append(path)
        case .success: continue
        }
      }
    }
  }

  /// Whether a file's name has the extension of a photo.
  public static func promisesPhoto(_ name: String) -> Bool {
    extensions.contains((name as NSString).pathExtension.lowercased())
  }

  /// The visible names in a folder, sorted by their bytes so that every run has the same order.
  package static func contents(of folder: String) -> Result<[String], FileProblem> {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      return .success(names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    } catch {
      return .failure(FileProblem(file: folder, code: "unreadable", reason: "the folder cannot be read"))
    }
  }
}

extension FileProblem: Error {}

/// The identity of a file, whatever path leads to it.
package struct FileID: Hashable {
  let device: UInt64
  let inode: UInt64
  package let isFolder: Bool

  package static func of(_ path: String) -> Result<FileID, FileProblem> {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let loop = errno == ELOOP
      return .failure(
        FileProblem(
          file: path, code: loop ? "link-loop" : "unreadable",
          reason: loop ? "a link that leads to itself" : "cannot be read: \(String(cString: strerror(errno)))"))
    }
    return .success(
      FileID(device: UInt64(status.st_dev), inode: UInt64(status.st_ino), isFolder: status.st_mode & S_IFMT == S_IFDIR))
  }
}

extension PhotoError {
  /// A short word for programs.
  public var word: String {
    switch code {
    case .empty: "empty"
    case .notAPicture: "not-a-picture"
    case .unsupported: "unsupported"
    case .truncated: "truncated"
    case .damaged: "damaged"
    case .tooManyPixels: "too-many-pixels"
    case .tooManyBytes: "too-many-bytes"
    case .notAFile: "not-a-file"
    case .unreadable: "unreadable"
    }
  }
}
