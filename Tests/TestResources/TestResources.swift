package import Foundation
import Posix

/// Pictures that set-up fetched, found beside the sources.
package enum Pictures {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized
  private static let folder = root.appendingPathComponent(".deps/pictures")

  package static let obama = folder.appendingPathComponent("obama.jpg")
  package static let obamaSpeaking = folder.appendingPathComponent("obama2.jpg")
  package static let obamaStanding = folder.appendingPathComponent("obama3.jpg")
  package static let biden = folder.appendingPathComponent("biden.jpg")
  package static let collins = folder.appendingPathComponent("astronaut.png")

  /// dlib's own files, for the parity suite.
  package static let dlibModels = root.appendingPathComponent(".deps/dlib-models")
}

/// The program, run as a person runs it.
package struct Program {
  /// What a run left behind.
  package struct Result {
    package let status: Int32
    package let output: String
    package let errors: String
  }

  /// The program itself: the build puts it beside the tests.
  package static let file = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("rollcall")

  /// Of all runs.
  package let environment: [String: String]

  /// - Parameter data: The data folder of all runs.
  package init(data: URL, environment: [String: String] = [:]) {
    let inherited = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("ROLLCALL_") || $0.key == "ROLLCALL_MONGOD"
    }
    // In each new data folder the program would measure which arithmetic is faster.
    let own = [
      "ROLLCALL_DATA": data.path, "ROLLCALL_PRECISION": "f32", "TZ": "UTC",
      "XDG_CONFIG_HOME": data.appendingPathComponent("config").path,
    ]
    self.environment = inherited.merging(own) { $1 }.merging(environment) { $1 }
  }

  /// Runs the program and waits for it.
  @discardableResult
  package func callAsFunction(_ arguments: String...) throws -> Result { try self(arguments: arguments) }

  /// Runs the program and waits for it.
  package func callAsFunction(arguments: [String]) throws -> Result {
    let running = try start(arguments: arguments)
    let status = running.wait()
    return Result(status: status, output: running.output, errors: running.errors)
  }

  /// Starts the program, which runs beside the test.
  package func start(_ arguments: String...) throws -> Running { try start(arguments: arguments) }

  /// Starts the program, which runs beside the test.
  package func start(arguments: [String]) throws -> Running { try Running(arguments, environment) }

  /// The program while it runs. It is killed with this object.
  package final class Running {
    private let process = Process()
    private let folder: TemporaryFolder
    private let files: [URL]

    fileprivate init(_ arguments: [String], _ environment: [String: String]) throws {
      process.executableURL = Program.file
      process.arguments = arguments
      process.environment = environment
      let folder = try TemporaryFolder()
      self.folder = folder
      files = ["output", "errors"].map { folder.url.appendingPathComponent($0) }
      for file in files { try Data().write(to: file) }
      let handles = try files.map { try FileHandle(forWritingTo: $0) }
      (process.standardOutput, process.standardError) = (handles[0], handles[1])
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }

    deinit {
      if process.isRunning { kill() }
    }

    /// What it has written to standard output.
    package var output: String { text(files[0]) }
    /// What it has written to standard error.
    package var errors: String { text(files[1]) }

    private func text(_ file: URL) -> String {
      String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
    }

    /// Waits for its end; gives its exit status.
    package func wait() -> Int32 {
      process.waitUntilExit()
      return process.terminationStatus
    }

    /// As ctrl-c does.
    package func interrupt() { process.interrupt() }

    /// Without a chance to do anything more.
    package func kill() {
      _ = Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }
}

/// Photos of people for evaluation, which are not part of the project. Tests that need them skip without them.
package enum EvaluationData {
  package static let hint = "evaluation photos are not here: set ROLLCALL_TEST_DATA to their folder"

  /// The folder of one set, or nil.
  package static func folder(_ name: String) -> URL? {
    let named = ProcessInfo.processInfo.environment["ROLLCALL_TEST_DATA"].map { URL(fileURLWithPath: $0) }
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/data").standardized
    let folder = (named ?? beside).appendingPathComponent(name)
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }
}

/// A folder that is removed when the test is over.
package final class TemporaryFolder: Sendable {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("rollcall-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    // A test may leave a folder that nobody may enter.
    _ = try? FileManager.default.removeItem(at: url)
  }

  /// Writes a file, making the folders above it.
  @discardableResult
  package func write(_ data: Data, to path: String) throws -> URL {
    let file = url.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
    return file
  }
}

/// Numbers that look random and are the same in every run.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The bytes of a small file that stands in a test as text.
package func bytes(base64 text: String) -> Data {
  Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data()
}

/// Runs `body` at the same moment in `count` threads, and waits for all of them.
package func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    Thread.detachNewThread {
      body(index)
      group.leave()
    }
  }
  group.wait()
}

/// A promise of another thread, waited for as long as a slow machine may need.
package func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  try wait(seconds: 60, until: condition)
}
