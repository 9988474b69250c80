/// Comma-separated values (CSV) as in RFC 4180.
///
/// ```swift
/// let text = CSV.encode(row: ["id", "name"]) + CSV.encode(row: ["7", "Ada"])
/// let rows = try CSV.parse(text)
/// ```
public enum CSV {
  /// The delimiter between two cells.
  public enum Delimiter: UInt8, Sendable, CaseIterable {
    case comma = 0x2C
    case semicolon = 0x3B
  }

  /// An error for a line of a CSV file that cannot be read.
  public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// The line in the file, from 1.
    public let line: Int
    /// The character in that line, from 1; nil if no single character is the cause.
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

  /// Encodes a row as one line of a file, which ends in CRLF.
  ///
  /// Spreadsheets run a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end as a formula, even if a stranger
  /// wrote it. Such a cell gets an apostrophe in front, which makes it text. Plain finite numbers (`-3.5`, `+2e-7`)
  /// stay unchanged.
  public static func encode(row: [String]) -> String {
    // An empty line would be read as no row.
    if row == [""] { return "\"\"\r\n" }
    return row.map { quoted(neutralised($0)) }.joined(separator: ",") + "\r\n"
  }

  /// The text of a cell before `encode(row:)` put an apostrophe in front, so that a spreadsheet does not run it.
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

  /// Parses all rows of a file. Lines end in CRLF, LF or CR. A byte order mark at the beginning and empty lines are
  /// ignored.
  ///
  /// - Throws: `Failure` for a quoted cell without an end, text after a quoted cell, or a quotation mark inside an
  ///   unquoted one.
  public static func parse(_ text: String, delimiter: Delimiter = .comma) throws(Failure) -> [[String]] {
    try Parser.rows(of: text, delimiter: delimiter).map(\.cells)
  }
}
