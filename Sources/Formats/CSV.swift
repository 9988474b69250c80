/// Comma-separated values as RFC 4180 has them.
public enum CSV {
  /// What stands between two cells.
  public enum Delimiter: UInt8, Sendable, CaseIterable {
    case comma = 0x2C
    case semicolon = 0x3B
  }

  /// A line of a CSV file that cannot be read.
  public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// The line in the file, from 1.
    public let line: Int
    /// The character in that line, from 1, where one character is to blame.
    public let column: Int?
    /// What is wrong and what to write instead.
    public let reason: String

    /// A failure at a line, both counted from 1.
    public init(line: Int, column: Int? = nil, _ reason: String) {
      self.line = line
      self.column = column
      self.reason = reason
    }

    /// Where and what, without the file's name.
    public var description: String {
      if let column { "line \(line), column \(column): \(reason)" } else { "line \(line): \(reason)" }
    }
  }

  // MARK: Writing

  /// One line of a file, with the CRLF that ends it.
  ///
  /// Spreadsheets run a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end as a formula, whoever wrote it.
  /// Such a cell gets an apostrophe in front, which makes it text. Plain finite numbers (`-3.5`, `+2e-7`) stay as they
  /// are.
  public static func encode(row: [String]) -> String {
    // A line with nothing on it would read as no row at all.
    if row == [""] { return "\"\"\r\n" }
    return row.map { quoted(neutralised($0)) }.joined(separator: ",") + "\r\n"
  }

  /// The text that a cell had before `encode(row:)` put an apostrophe in front of what a spreadsheet would run.
  public static func plain(_ cell: String) -> String {
    guard cell.hasPrefix("'") else { return cell }
    let text = String(cell.dropFirst())
    return neutralised(text) == cell ? text : cell
  }

  private static func neutralised(_ cell: String) -> String {
    guard let first = cell.unicodeScalars.first(where: { $0 != " " }) else { return cell }
    let starters: [Unicode.Scalar] = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
    return starters.contains(first) && !isPlainNumber(cell) ? "'" + cell : cell
  }

  private static func isPlainNumber(_ cell: String) -> Bool {
    // `Double` also reads hexadecimal, infinities and NaN.
    cell.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
      default: false
      }
    } && Double(cell)?.isFinite == true
  }

  private static func quoted(_ cell: String) -> String {
    let bytes = cell.utf8
    // Some readers drop blanks at a cell's ends unless it is in quotes.
    let padded = bytes.first == UInt8(ascii: " ") || bytes.last == UInt8(ascii: " ")
    let special = bytes.contains { byte in
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""), UInt8(ascii: "\t"), 0x0A, 0x0D: true
      default: false
      }
    }
    guard padded || special else { return cell }
    var text = "\""
    for scalar in cell.unicodeScalars {
      if scalar == "\"" { text.unicodeScalars.append("\"") }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }

  // MARK: Reading

  /// All rows of a file. Lines end in CRLF, LF or CR; a byte order mark at the beginning and empty lines are left out.
  ///
  /// - Throws: `Failure` for a quoted cell without an end, text behind a quoted cell, or a quotation mark inside a bare
  ///   one.
  public static func parse(_ text: String, delimiter: Delimiter = .comma) throws(Failure) -> [[String]] {
    try Parser.rows(of: text, delimiter: delimiter).map(\.cells)
  }
}
