import Foundation
import TestResources
import Testing

/// Debian's Chromium with its driver, and the Python that set-up made for them.
private enum Chromium {
  static let hint = "Chromium is not here: apt-get install chromium chromium-driver, then run scripts/setup"

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let scripts = tests.appendingPathComponent("browser")
  static let python = tests.appendingPathComponent("../../.deps/venv-console/bin/python3").standardized
  static let isThere = ["/usr/bin/chromium", "/usr/bin/chromedriver", python.path].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }
}

@Suite(
  "The console in a real browser", .serialized, .enabled(if: Chromium.isThere, Comment(rawValue: Chromium.hint)))
struct BrowserTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
  }

  @Test("from the one-time link to forgetting: enrolment, recognition behind a mask, the log, a spreadsheet")
  func mainWay() throws { try browse("main_way.py") }

  @Test("every page and dialog can be used without a mouse and be read aloud, in both themes, on a phone and a desk")
  func accessibility() throws { try browse("accessibility.py") }

  /// Runs a script against a new server; what it printed is shown when it fails.
  private func browse(_ script: String) throws {
    let server = try rollcall.start("serve", "--plain", "--listen", "127.0.0.1:0")
    defer {
      server.interrupt()
      _ = server.wait()
    }
    let isReady = eventually { server.output.contains("/setup#") }
    try #require(isReady, "\(server.output)\(server.errors)")
    let address = try #require(server.output.firstMatch(of: #/Rollcall is at (\S+)/#)?.output.1)
    let link = try #require(server.output.firstMatch(of: #/\S+/setup#\S+/#)?.output)

    let printed = try folder.write(Data(), to: "printed")
    let output = try FileHandle(forWritingTo: printed)
    let python = Process()
    python.executableURL = Chromium.python
    python.arguments = [
      Chromium.scripts.appendingPathComponent(script).path, String(address), String(link), Program.file.path,
      folder.url.appendingPathComponent("browser").path,
    ]
    python.environment = rollcall.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    (python.standardInput, python.standardOutput, python.standardError) = (FileHandle.nullDevice, output, output)
    try python.run()
    python.waitUntilExit()
    let text = String(decoding: try Data(contentsOf: printed), as: UTF8.self)
    #expect(python.terminationStatus == 0, "\(text)\(server.errors)")
    print(text)
  }
}
