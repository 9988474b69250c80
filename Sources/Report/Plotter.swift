public import Foundation

/// Draws plots with gnuplot. Each plot runs in its own process.
public struct Plotter: Sendable {
  private let program: URL
  private let environment: [String: String]

  /// Finds gnuplot.
  ///
  /// - Parameter environment: Environment variables. `PATH` lists the folders to search.
  /// - Throws: `ReportError` with code `noPlotter`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(ReportError) {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    let candidates = folders.map { URL(fileURLWithPath: String($0)).appendingPathComponent("gnuplot") }
    guard let program = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw ReportError(
        .noPlotter, "gnuplot, which draws the plots, is not in PATH; install it: apt-get install gnuplot-nox")
    }
    self.program = program
    // Gnuplot must read numbers and text as this program writes them, whatever the user's locale.
    self.environment = environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
  }

  /// Draws a plot.
  ///
  /// - Parameter script: Gnuplot's commands. They set no output, because the picture is read from standard output.
  /// - Returns: A PNG or SVG file, as the script requests.
  /// - Throws: `ReportError` with code `plotting`.
  func draw(_ script: String) throws(ReportError) -> Data {
    do {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rollcall-\(UUID().uuidString)")
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      defer { _ = try? FileManager.default.removeItem(at: folder) }
      let (commands, complaints) = (folder.appendingPathComponent("plot"), folder.appendingPathComponent("errors"))
      try Data(script.utf8).write(to: commands)
      try Data().write(to: complaints)
      let process = Process()
      process.executableURL = program
      // The user's own settings are not read.
      process.arguments = ["--default-settings", commands.path]
      process.environment = environment
      process.standardInput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: complaints)
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let picture = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      let isPicture = picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) || picture.starts(with: Data("<?xml".utf8))
      guard process.terminationStatus == 0, isPicture else {
        let words = String(decoding: try Data(contentsOf: complaints), as: UTF8.self)
        throw ReportError(.plotting, "gnuplot drew nothing: \(words.trimmingCharacters(in: .whitespacesAndNewlines))")
      }
      return picture
    } catch let error as ReportError {
      throw error
    } catch {
      throw ReportError(.plotting, "gnuplot could not be run: \(error.localizedDescription)")
    }
  }
}
