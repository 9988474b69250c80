package import Foundation

/// Python's own reader of CSV, which set-up brings: what a program that is not ours makes of a file.
package enum PythonCSV {
  package static func rows(of text: String) throws -> [[String]] {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("file.csv")
    try Data(text.utf8).write(to: file)
    let program =
      "import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], encoding='utf-8', newline='')))))"
    let output = try run("/usr/bin/python3", ["-c", program, file.path])
    return try JSONDecoder().decode([[String]].self, from: output)
  }
}

/// LibreOffice, where it is installed.
package enum LibreOffice {
  package static let hint = "LibreOffice is not installed: apt-get install libreoffice-calc-nogui"

  package static let program = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { URL(fileURLWithPath: String($0)).appendingPathComponent("soffice").path }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What LibreOffice makes of a spreadsheet or a CSV file: CSV in UTF-8 with cells as they are shown.
  package static func csv(of file: URL) throws -> String {
    let folder = try TemporaryFolder()
    // Commas, quotation marks, UTF-8, from the first line on: what a person chooses when LibreOffice asks.
    let input = file.pathExtension == "csv" ? ["--infilter=CSV:44,34,76,1"] : []
    _ = try run(
      program ?? "soffice",
      [
        "-env:UserInstallation=file://\(folder.url.path)/profile", "--headless",
      ] + input + [
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true", "--outdir", folder.url.path, file.path,
      ], errors: .nullDevice)
    let name = file.deletingPathExtension().lastPathComponent + ".csv"
    return String(decoding: try Data(contentsOf: folder.url.appendingPathComponent(name)), as: UTF8.self)
  }
}

/// What a program writes to its standard output.
private func run(_ program: String, _ arguments: [String], errors: FileHandle = .standardError) throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  let output = Pipe()
  (process.standardOutput, process.standardError) = (output, errors)
  try process.run()
  let data = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw CocoaError(.fileReadUnknown) }
  return data
}
