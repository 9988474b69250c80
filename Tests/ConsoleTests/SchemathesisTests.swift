import Access
import Formats
import Foundation
import Posix
import TestResources
import Testing

@testable import Console

@Suite("The API does what its description says", .serialized)
struct SchemathesisTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let program = folder.appendingPathComponent("../../.deps/venv-console/bin/schemathesis").standardized

  /// What may take the asking client's own rights away; asked at the end.
  private static let dangerous = ["removeUser", "changeUser", "revokeToken"]
  /// Streams, which have no end.
  private static let endless = ["watchLive", "followEvents"]

  @Test("docs/openapi.json is what the server says of itself; `make openapi` writes it")
  func description() throws {
    let kept = try JSONValue(parsing: Data(contentsOf: Self.folder.appendingPathComponent("../../docs/openapi.json")))
    let console = try TestConsole { $0.version = kept["info"]?["version"]?.string ?? "" }
    #expect(try console.nobody.get("/openapi.json").json == kept)
  }

  @Test("Two thousand requests, right ones and wrong ones, find no answer that the description does not promise")
  func fuzz() throws {
    let start = Guarded<Date?>(nil)
    let console = try TestConsole {
      // Once the questions begin, time flies: wrong tokens are among them, and too many within ten minutes are refused.
      $0.now = {
        start.withLock { $0.map { Date(timeIntervalSinceNow: Date().timeIntervalSince($0) * 10_000) } } ?? Date()
      }
    }
    let admin = try console.enroll("bo", "Barack Obama", Pictures.obama)
    let tokens = try (0..<2).map { _ in
      let made = try admin.send(
        "POST", "/tokens",
        ["name": "questions", "permissions": .array(Permission.allCases.map { .string($0.rawValue) })])
      return try #require(made.json["token"]?.string)
    }
    start.withLock { $0 = Date() }
    let first = try ask(console, tokens[0], (Self.endless + Self.dangerous).flatMap { ["--exclude-operation-id", $0] })
    let second = try ask(console, tokens[1], Self.dangerous.flatMap { ["--include-operation-id", $0] })
    #expect(first + second >= 2_000)
    let reports = console.reports.withLock { $0 }
    #expect(reports.isEmpty, "\(reports)")
  }

  /// Asks, and gives how many cases there were.
  private func ask(_ console: TestConsole, _ token: String, _ operations: [String]) throws -> Int {
    let process = Process()
    process.executableURL = Self.program
    process.arguments =
      [
        "--config-file", Self.folder.appendingPathComponent("schemathesis.toml").path, "run",
        "http://localhost:\(console.port)\(API.prefix)/openapi.json", "--header", "Authorization: Bearer \(token)",
        "--checks", "all", "--phases", "examples,coverage,fuzzing", "--workers", "1", "--request-timeout", "60",
        "--no-color", "--seed", "1",
      ] + operations
    // It keeps what it has found in the folder it is started in.
    process.currentDirectoryURL = console.folder.url
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(output)")
    return output.firstMatch(of: #/([0-9,]+) generated/#).flatMap { Int($0.1.filter(\.isNumber)) } ?? 0
  }
}
