extension CSV {
  /// A CSV file whose first line names the columns.
  ///
  /// ```swift
  /// let table = try CSV.Table(parsing: "id,name\r\n7,Ada\r\n", requiring: ["id", "name"])
  /// for row in table.rows { print(try row.require("id"), row["name"] ?? "") }
  /// ```
  public struct Table: Sendable, Equatable {
    /// One row below the header.
    public struct Row: Sendable, Equatable {
      /// The line in the file on which the row begins, from 1.
      public let line: Int
      /// The cells by column name in lower case, without blanks at their ends. Empty cells are left out.
      public let cells: [String: String]

      /// The cell of a column; nil if it is empty or if there is no such column. Letter case is ignored.
      public subscript(column: String) -> String? { cells[column.lowercased()] }

      /// The cell of a column that must not be empty.
      ///
      /// - Throws: `Failure` with the row's line.
      public func require(_ column: String) throws(Failure) -> String {
        guard let cell = self[column] else { throw Failure(line: line, "the cell “\(column)” is empty") }
        return cell
      }
    }

    /// The columns' names as the file has them, without blanks at their ends.
    public let header: [String]
    /// The rows below, in the file's order, without empty ones.
    public let rows: [Row]

    /// Parses a file. The delimiter is the semicolon if the header has more semicolons than commas, otherwise the
    /// comma.
    ///
    /// Column names may be in any letter case and any order, and there may be more columns than required. A row may end
    /// before the last column: the rest of its cells are empty.
    ///
    /// - Parameter skip: Called for a row with more cells than the header, which is then left out. If nil, such a row
    ///   is an error.
    /// - Throws: `Failure` for text that is not CSV, a required column that is missing (with the list of the existing
    ///   columns), a column that occurs twice, and a row with more cells than the header.
    public init(parsing text: String, requiring required: [String] = [], skip: ((Failure) -> Void)? = nil)
      throws(Failure)
    {
      var lines = try Parser.rows(of: text, delimiter: Parser.delimiter(of: text))[...]
      let wanted = required.map { "“\($0)”" }.joined(separator: ", ")
      guard let first = lines.popFirst() else {
        throw Failure(
          line: 1, "the file is empty; its first line must name the columns" + (required.isEmpty ? "" : ": \(wanted)"))
      }
      header = first.cells.map(Self.trimmed)
      let names = header.map { $0.lowercased() }
      let missing = required.filter { !names.contains($0.lowercased()) }
      guard missing.isEmpty else {
        let names = missing.map { "“\($0)”" }.joined(separator: ", ")
        let what = missing.count == 1 ? "the column \(names) is" : "the columns \(names) are"
        let there = header.map { "“\($0)”" }.joined(separator: ", ")
        throw Failure(
          line: first.line,
          "\(what) missing; the first line names \(there)")
      }
      if let double = names.indices.first(where: { !names[$0].isEmpty && names[..<$0].contains(names[$0]) }) {
        throw Failure(line: first.line, "the column “\(header[double])” is there twice; rename one of them")
      }
      var rows: [Row] = []
      rows.reserveCapacity(lines.count)
      for line in lines {
        let cells = line.cells.map(Self.trimmed)
        guard cells.dropFirst(names.count).allSatisfy(\.isEmpty) else {
          let failure = Failure(
            line: line.line,
            "\(cells.count) cells under \(names.count) columns; put a cell with a delimiter inside it in quotation "
              + "marks"
          )
          guard let skip else { throw failure }
          skip(failure)
          continue
        }
        // Spreadsheets save lines that contain only delimiters below the last row.
        if cells.allSatisfy(\.isEmpty) { continue }
        let filled = zip(names, cells).filter { !$0.isEmpty && !$1.isEmpty }
        rows.append(Row(line: line.line, cells: Dictionary(filled) { first, _ in first }))
      }
      self.rows = rows
    }

    private static func trimmed(_ cell: String) -> String {
      let blank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
      let scalars = cell.unicodeScalars
      guard let start = scalars.firstIndex(where: { !blank($0) }), let end = scalars.lastIndex(where: { !blank($0) })
      else {
        return ""
      }
      return String(scalars[start...end])
    }
  }
}
