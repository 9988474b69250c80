import Foundation

/// Reads the first sheet of an XLSX file: enough to see what a spreadsheet program would.
package struct SheetReader {
  package enum Cell: Equatable {
    case empty
    case text(String)
    /// A number, and the format that it is shown in; "General" without one.
    case number(Double, String)
    case formula(String)

    package static func == (left: Cell, right: Cell) -> Bool {
      switch (left, right) {
      case (.empty, .empty): true
      case (.text(let left), .text(let right)), (.formula(let left), .formula(let right)): left == right
      // A hundredth of a millisecond in days: the file has sixteen digits.
      case (.number(let left, let format), .number(let right, let other)): abs(left - right) < 1e-10 && format == other
      default: false
      }
    }
  }

  /// The rows with the header, filled up to the same length.
  package private(set) var rows: [[Cell]] = []
  /// The range that can be filtered, as in "A1:C3".
  package let filter: String?
  /// Whether the header stays in sight.
  package let isFrozen: Bool
  /// Widths by column, from 1.
  package let widths: [Int: Double]
  /// Links anywhere in the file.
  package let links: Int
  /// The file's comment.
  package let comment: String

  package init(path: String) throws {
    func part(_ name: String) throws -> XMLElements { try XMLElements(Self.unzip(path, name)) }
    let styles = try part("xl/styles.xml")
    let codes = Dictionary(
      styles.all("numFmt").map { ($0.attributes["numFmtId"] ?? "", $0.attributes["formatCode"] ?? "") }
    ) { first, _ in first }
    let formats = styles.all("xf", within: "cellXfs").map { codes[$0.attributes["numFmtId"] ?? ""] ?? "General" }
    let sheet = try part("xl/worksheets/sheet1.xml")
    for row in sheet.all("row") {
      var cells: [Cell] = []
      for cell in sheet.all("c") where cell.path.contains(row.number) {
        let letters = (cell.attributes["r"] ?? "").prefix { $0.isLetter }
        let column = letters.unicodeScalars.reduce(0) { $0 * 26 + Int($1.value) - 64 }
        while cells.count < column { cells.append(.empty) }
        let inside = sheet.all.filter { $0.path.contains(cell.number) }
        let content = { (name: String) in inside.first { $0.name == name }?.text }
        if let formula = content("f") {
          cells[column - 1] = .formula(formula)
        } else if cell.attributes["t"] == "inlineStr" {
          cells[column - 1] = .text(Self.decoded(content("t") ?? ""))
        } else if let value = content("v").flatMap(Double.init) {
          cells[column - 1] = .number(value, formats[Int(cell.attributes["s"] ?? "") ?? 0])
        }
      }
      rows.append(cells)
    }
    let width = rows.map(\.count).max() ?? 0
    rows = rows.map { $0 + Array(repeating: .empty, count: width - $0.count) }
    filter = sheet.all("autoFilter").first?.attributes["ref"]
    isFrozen =
      sheet.all("pane").first.map { $0.attributes["state"] == "frozen" && $0.attributes["ySplit"] == "1" } ?? false
    widths = Dictionary(
      sheet.all("col").map { (Int($0.attributes["min"] ?? "") ?? 0, Double($0.attributes["width"] ?? "") ?? 0) }
    ) { first, _ in first }
    links = sheet.all("hyperlink").count
    comment = try part("docProps/core.xml").all("dc:description").first?.text ?? ""
  }

  /// `_x000D_` stands for a character that XML cannot hold, `_x005F_` for the underscore of such a text.
  private static func decoded(_ text: String) -> String {
    text.replacing(#/_x([0-9A-Fa-f]{4})_/#) { match in
      String(UInt32(match.output.1, radix: 16).flatMap(Unicode.Scalar.init) ?? "?")
    }
  }

  private static func unzip(_ path: String, _ name: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unzip")
    process.arguments = ["-p", path, name]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    return data
  }
}
