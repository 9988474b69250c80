import Foundation

/// Draws plots with gnuplot, which runs as a program of its own for each.
public struct Plotter: Sendable {
  private let program: URL
  private let environment: [String: String]

  /// Finds gnuplot.
  ///
  /// - Parameter environment: `PATH` says where to look.
  /// - Throws: `ReportError` with code `noPlotter`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(ReportError) {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    let candidates = folders.map { URL(fileURLWithPath: String($0)).appendingPathComponent("gnuplot") }
    guard let program = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw ReportError(
        .noPlotter, "gnuplot, which draws the plots, is not in PATH; install it: apt-get install gnuplot-nox")
    }
    self.program = program
    // Numbers and words as this program writes them, whatever the user's locale.
    self.environment = environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
  }

  /// A plot, as the kind of picture that the script asks for: PNG or SVG.
  ///
  /// - Parameter script: gnuplot's commands, which set no output: it comes here.
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
      // Without the user's own settings.
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
