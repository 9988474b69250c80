extension CSV {
  /// A parser for CSV. It reads bytes, not characters: in Swift, CR LF is one character, and an accent at the start of
  /// a cell may join the comma before it.
  struct Parser {
    struct Row {
      let line: Int
      let cells: [String]
    }

    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var position = 0
    private var line = 1
    private var lineStart = 0

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    private init(_ bytes: [UInt8], _ delimiter: Delimiter) {
      self.bytes = bytes
      self.delimiter = delimiter.rawValue
    }

    static func rows(of text: String, delimiter: Delimiter) throws(Failure) -> [Row] {
      var parser = Parser(Array(withoutMark(text)), delimiter)
      var rows: [Row] = []
      while parser.position < parser.bytes.count {
        if let row = try parser.row() { rows.append(row) }
      }
      return rows
    }

    /// The delimiter that occurs most often in the first line that is not empty, outside of quotes.
    static func delimiter(of text: String) -> Delimiter {
      var quoted = false
      var commas = 0
      var semicolons = 0
      for byte in withoutMark(text).drop(while: { $0 == lineFeed || $0 == carriageReturn }) {
        if byte == quote { quoted.toggle() }
        if quoted { continue }
        if byte == lineFeed || byte == carriageReturn { break }
        if byte == Delimiter.comma.rawValue { commas += 1 }
        if byte == Delimiter.semicolon.rawValue { semicolons += 1 }
      }
      return semicolons > commas ? .semicolon : .comma
    }

    private static func withoutMark(_ text: String) -> Substring.UTF8View {
      let bytes = text[...].utf8
      return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    }

    /// Reads one row; nil for an empty line. The position is then after the line end.
    private mutating func row() throws(Failure) -> Row? {
      let start = line
      if skipLineEnd() { return nil }
      var cells: [String] = []
      while true {
        cells.append(try cell())
        if position == bytes.count || skipLineEnd() { return Row(line: start, cells: cells) }
        position += 1
        // A delimiter at the end of the file is followed by one more, empty cell.
        if position == bytes.count { return Row(line: start, cells: cells + [""]) }
      }
    }

    private mutating func cell() throws(Failure) -> String {
      guard position < bytes.count, bytes[position] == Self.quote else { return try bareCell() }
      return try quotedCell()
    }

    private mutating func bareCell() throws(Failure) -> String {
      let start = position
      while position < bytes.count {
        let byte = bytes[position]
        if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn { break }
        if byte == Self.quote {
          throw failure(
            at: position, "a quotation mark inside a cell; put the cell in quotation marks and double those inside it")
        }
        position += 1
      }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quotedCell() throws(Failure) -> String {
      let opening = failure(at: position, "a quoted cell begins here and never ends; close it with a quotation mark")
      position += 1
      var content: [UInt8] = []
      while position < bytes.count {
        let byte = bytes[position]
        if byte == Self.quote {
          position += 1
          guard position < bytes.count else { return String(decoding: content, as: UTF8.self) }
          let next = bytes[position]
          if next == Self.quote {
            content.append(byte)
            position += 1
          } else if next == delimiter || next == Self.lineFeed || next == Self.carriageReturn {
            return String(decoding: content, as: UTF8.self)
          } else {
            throw failure(
              at: position, "text behind a closing quotation mark; double a quotation mark that belongs to the cell")
          }
        } else {
          let start = position
          if skipLineEnd() {
            content += bytes[start..<position]
          } else {
            content.append(byte)
            position += 1
          }
        }
      }
      throw opening
    }

    private mutating func skipLineEnd() -> Bool {
      guard position < bytes.count else { return false }
      switch bytes[position] {
      case Self.lineFeed:
        position += 1
      case Self.carriageReturn:
        position += 1
        if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
      default:
        return false
      }
      line += 1
      lineStart = position
      return true
    }

    private func failure(at position: Int, _ reason: String) -> Failure {
      // Bytes that continue a UTF-8 character are not counted.
      let column = bytes[lineStart..<position].count { $0 & 0xC0 != 0x80 } + 1
      return Failure(line: line, column: column, reason)
    }
  }
}
