import Formats
import TestResources
import Testing

@Suite("CSV")
struct CSVTests {
  // MARK: Writing

  @Test("a row is cells, commas and CRLF, and only cells that need them get quotation marks")
  func writing() {
    #expect(CSV.encode(row: ["plain", "", "two words"]) == "plain,,two words\r\n")
    #expect(
      CSV.encode(row: ["a,b", "say \"hi\"", "two\nlines", " padded "])
        == "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" padded \"\r\n")
    #expect(CSV.encode(row: [""]) == "\"\"\r\n")
    #expect(CSV.encode(row: ["Zoë", "山田", "👩🏽‍🔬"]) == "Zoë,山田,👩🏽‍🔬\r\n")
  }

  @Test(
    "a cell that a spreadsheet would run is made text",
    arguments: [
      "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "-", "+", "@", "--1", "-inf", "+nan", "-0x10",
      "-1e999", "=", " =1+1", "＝1+1", "-2-3", "+49 170 1234",
    ])
  func formulas(cell: String) throws {
    let read = try CSV.parse(CSV.encode(row: ["id", cell]))
    #expect(read == [["id", "'" + cell]])
  }

  @Test("a cell that begins with a tab or a line end is made text")
  func formulasBehindBlanks() {
    #expect(CSV.encode(row: ["\t=1"]) == "\"'\t=1\"\r\n")
    #expect(CSV.encode(row: ["\r=1"]) == "\"'\r=1\"\r\n")
    #expect(CSV.encode(row: ["\r\n=1"]) == "\"'\r\n=1\"\r\n")
  }

  @Test("a plain number stays a number", arguments: ["-3.5", "+3.5", "-1", "-2e-7", "0", "42", "-.5"])
  func numbers(cell: String) {
    #expect(CSV.encode(row: [cell]) == cell + "\r\n")
  }

  // MARK: Reading

  @Test("lines may end in CRLF, LF or CR, the last one in nothing")
  func lineEnds() throws {
    let rows = [["a", "b"], ["1", "2"]]
    for text in ["a,b\r\n1,2\r\n", "a,b\n1,2", "a,b\r1,2\r", "\u{FEFF}a,b\n\n\r\n1,2\n\n"] {
      #expect(try CSV.parse(text) == rows)
    }
  }

  @Test("quoted cells keep commas, line ends, doubled quotation marks and blanks")
  func quotedCells() throws {
    #expect(try CSV.parse("\"a,b\",\"c\r\nd\",\"e\"\"f\",\" g \",\"\"\n") == [["a,b", "c\r\nd", "e\"f", " g ", ""]])
    #expect(try CSV.parse("\"\"") == [[""]])
  }

  @Test("empty cells count, at the end of the file too")
  func emptyCells() throws {
    #expect(try CSV.parse(",") == [["", ""]])
    #expect(try CSV.parse("a,,\n,\n") == [["a", "", ""], ["", ""]])
    #expect(try CSV.parse("") == [])
  }

  @Test("a combining accent at a cell's beginning does not swallow the comma")
  func combining() throws {
    #expect(try CSV.parse("a,\u{301}b\n") == [["a", "\u{301}b"]])
  }

  @Test("an error names the line and the column of its character")
  func errors() {
    #expect(
      throws: CSV.Failure(
        line: 2, column: 4, "a quoted cell begins here and never ends; close it with a quotation mark")
    ) {
      try CSV.parse("a,b\nyé,\"open\nand on")
    }
    #expect(
      throws: CSV.Failure(
        line: 3, column: 3, "text behind a closing quotation mark; double a quotation mark that belongs to the cell")
    ) {
      try CSV.parse("a,b\n\"two\nx\"y,b")
    }
    #expect(
      throws: CSV.Failure(
        line: 1, column: 5,
        "a quotation mark inside a cell; put the cell in quotation marks and double those inside it")
    ) {
      try CSV.parse("The \"Rock\"")
    }
    #expect("\(CSV.Failure(line: 3, column: 2, "no"))" == "line 3, column 2: no")
    #expect("\(CSV.Failure(line: 3, "no"))" == "line 3: no")
  }

  @Test("what is written is read back, whatever it is")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 20_261_121)
    let pieces = [
      "a", "é", "e\u{301}", "山", "\"", "\"\"", ",", ";", "\r", "\n", "\r\n", "\t", " ", "'", "\u{0}", "👩🏽‍🔬",
      "\u{FEFF}", "9",
    ]
    for _ in 0..<2000 {
      let width = Int.random(in: 1...4, using: &random)
      // A cell that begins with a letter is never taken for a formula.
      let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        (0..<width).map { _ in
          let tail = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
          return tail.isEmpty ? "" : "x" + tail.joined()
        }
      }
      let text = rows.map(CSV.encode(row:)).joined()
      // Strings are compared by scalars: to `==`, é is é however it is composed.
      let read = try CSV.parse(text).map { $0.map { Array($0.unicodeScalars) } }
      #expect(read == rows.map { $0.map { Array($0.unicodeScalars) } })
    }
  }

  @Test("no text makes the reader crash, and every error points into the text")
  func fuzz() {
    var random = SeededGenerator(seed: 7)
    let pieces = ["\"", ",", ";", "\r", "\n", "a", "é", "\u{FEFF}", " "]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      do {
        #expect(try CSV.parse(text).allSatisfy { !$0.isEmpty })
      } catch {
        #expect(error.line >= 1 && error.line <= text.unicodeScalars.count + 1)
        #expect(error.column.map { $0 >= 1 && $0 <= text.unicodeScalars.count + 1 } == true)
      }
    }
  }

  @Test("a cell that was made text reads back as it was, and an apostrophe that somebody wrote stays")
  func plain() throws {
    for cell in ["=1+1", "@door", "-", "'quoted'", "'", "", "-3.5", "O'Hara", "'O", "''=x", "+"] {
      let row = try #require(try CSV.parse(CSV.encode(row: [cell, "x"])).first)
      #expect(CSV.plain(row[0]) == cell)
    }
  }
}
