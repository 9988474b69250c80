import Foundation
import Values

/// The mongod program of the private database, and the folder with its libraries.
struct MongodBinary {
  let path: String
  /// The folder with the OpenSSL that this mongod was built with, if it lies beside the program.
  let libraries: String?

  /// The environment that mongod starts with.
  var environment: [String] {
    // Without LC_ALL, mongod ends at once if the user's locale is not installed.
    ["LC_ALL=C", "PATH=/usr/bin:/bin"] + (libraries.map { ["LD_LIBRARY_PATH=\($0)"] } ?? [])
  }

  /// Finds mongod. Searches, in this order: `ROLLCALL_MONGOD`, the folder where Rollcall is installed, the `.deps`
  /// folder that `make setup` creates, and `PATH`.
  static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> MongodBinary {
    if let named = environment["ROLLCALL_MONGOD"], !named.isEmpty {
      guard let binary = MongodBinary(at: URL(filePath: named)) else {
        throw missing("ROLLCALL_MONGOD names \(named), which is not a program that can be run")
      }
      return binary
    }
    guard let binary = candidates(environment).lazy.compactMap(MongodBinary.init(at:)).first else {
      throw missing("its program, mongod, was not found")
    }
    return binary
  }

  private init?(at url: URL) {
    var isFolder: ObjCBool = false
    let path = url.path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      FileManager.default.isExecutableFile(atPath: path)
    else { return nil }
    self.path = path
    let program = url.resolvingSymlinksInPath()
    let beside = program.deletingLastPathComponent().deletingLastPathComponent().appending(path: "lib")
    let hasLibraries =
      FileManager.default.fileExists(atPath: beside.path(percentEncoded: false), isDirectory: &isFolder)
      && isFolder.boolValue
    libraries = hasLibraries ? beside.path(percentEncoded: false) : nil
  }

  private static func candidates(_ environment: [String: String]) -> [URL] {
    var candidates: [URL] = []
    let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
    candidates.append(prefix.appending(path: "lib/rollcall/mongod/bin/mongod"))
    for start in [executable, URL(filePath: #filePath)] {
      var folder = start.deletingLastPathComponent()
      while folder.pathComponents.count > 1 {
        candidates.append(folder.appending(path: ".deps/mongod/bin/mongod"))
        folder.deleteLastPathComponent()
      }
    }
    for folder in (environment["PATH"] ?? "").split(separator: ":") where folder.hasPrefix("/") {
      candidates.append(URL(filePath: String(folder)).appending(path: "mongod"))
    }
    return candidates
  }

  private static func missing(_ cause: String) -> StoreError {
    StoreError(
      .mongodMissing, "Starting the private database", cause: cause,
      advice: "Run `make setup` in Rollcall's folder, name a mongod in ROLLCALL_MONGOD, "
        + "or use a MongoDB server.")
  }
}
