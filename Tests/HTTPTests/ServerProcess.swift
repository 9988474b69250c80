import Foundation
import Posix
import TestResources
import Testing

/// Runs curl, and gives its exit status and what it printed.
func curl(_ arguments: String...) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
  process.arguments = ["--silent", "--show-error", "--max-time", "300", "--noproxy", "*"] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// A server in a process of its own, for what only a whole process can tell.
final class ServerProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private(set) var port = 0

  init() throws {
    // The build puts the program beside the tests.
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("http-server")
    // AddressSanitizer keeps what is freed for a while, which would look like memory in use.
    process.environment = ProcessInfo.processInfo.environment.merging(["ASAN_OPTIONS": "quarantine_size_mb=1"]) {
      $0 + ":" + $1
    }
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    port = try readPort()
  }

  deinit {
    // Not politely: threads of a test may block the signals that ask, and a child inherits that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Stops the server and starts another in the same process.
  func restart() throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
    port = try readPort()
  }

  private func readPort() throws -> Int {
    var text = ""
    while !text.hasSuffix("\n") {
      let part = output.fileHandleForReading.availableData
      try #require(!part.isEmpty, "the server has ended")
      text += String(decoding: part, as: UTF8.self)
    }
    return try #require(Int(text.dropLast()))
  }

  /// Memory in use, in bytes.
  var memory: Int {
    let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)) ?? ""
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  var threads: Int { count("task") }
  var descriptors: Int { count("fd") }

  private func count(_ kind: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/\(kind)").count) ?? 0
  }
}

/// Something that one thread waits for and another opens.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let waiting = Guarded(0)

  func pass() {
    waiting.withLock { $0 += 1 }
    semaphore.wait()
    semaphore.signal()
  }

  func open() { semaphore.signal() }

  /// How many have come to it.
  var count: Int { waiting.withLock { $0 } }
}
