import Formats
import Testing

@Suite("CSV tables")
struct CSVTableTests {
  @Test("rows are read by their columns' names in any letter case and order, and know their lines")
  func reading() throws {
    let table = try CSV.Table(
      parsing: "Name , ID,note\r\n\r\n\"Ann\nLee\", 7 ,\r\nBob,8,here\r\n", requiring: ["id", "name"])
    #expect(table.header == ["Name", "ID", "note"])
    #expect(table.rows.map(\.line) == [3, 5])
    #expect(table.rows.map { $0["name"] } == ["Ann\nLee", "Bob"])
    #expect(table.rows.map { $0["Id"] } == ["7", "8"])
    #expect(table.rows.map { $0["note"] } == [nil, "here"])
    #expect(table.rows[1].cells == ["name": "Bob", "id": "8", "note": "here"])
    #expect(table.rows[1]["fold"] == nil)
  }

  @Test("a header with more semicolons than commas is delimited by semicolons")
  func semicolons() throws {
    let table = try CSV.Table(parsing: "\"a,b\";c\n1;2,5\n", requiring: ["c"])
    #expect(table.rows.first?["c"] == "2,5")
    #expect(table.rows.first?["a,b"] == "1")
  }

  @Test("a row may end early, and lines of nothing but delimiters are left out")
  func shortRows() throws {
    let table = try CSV.Table(parsing: "a,b,c\n1\n,,\n  \n2,3,4,,\n")
    #expect(table.rows.map(\.cells) == [["a": "1"], ["a": "2", "b": "3", "c": "4"]])
  }

  @Test("a row with too many cells is an error, or left out and told")
  func longRows() throws {
    let text = "a,b\n1,2,3\n4,5\n"
    #expect(throws: CSV.Failure.self) { try CSV.Table(parsing: text) }
    var told: [Int] = []
    let table = try CSV.Table(parsing: text) { told.append($0.line) }
    #expect(told == [2])
    #expect(table.rows.map(\.cells) == [["a": "4", "b": "5"]])
  }

  @Test("a column without a name is no column")
  func namelessColumn() throws {
    let table = try CSV.Table(parsing: "a,,\n1,2,3\n")
    #expect(table.rows.map(\.cells) == [["a": "1"]])
  }

  @Test("a missing column is named, and the ones that are there")
  func missingColumns() {
    #expect(throws: CSV.Failure(line: 1, "the column “same” is missing; the first line names “a”, “b”")) {
      try CSV.Table(parsing: "a,b\n", requiring: ["a", "same"])
    }
    #expect(throws: CSV.Failure(line: 2, "the columns “b”, “same” are missing; the first line names “a”")) {
      try CSV.Table(parsing: "\na\n", requiring: ["a", "b", "same"])
    }
  }

  @Test("an empty file is told which columns it needs")
  func emptyFile() {
    #expect(throws: CSV.Failure(line: 1, "the file is empty; its first line must name the columns: “a”, “b”")) {
      try CSV.Table(parsing: "\u{FEFF}\r\n", requiring: ["a", "b"])
    }
  }

  @Test("a column that is there twice and a row that is too long are refused with their lines")
  func badShapes() {
    #expect(throws: CSV.Failure(line: 1, "the column “A” is there twice; rename one of them")) {
      try CSV.Table(parsing: "a,b,A\n")
    }
    #expect(
      throws: CSV.Failure(
        line: 3, "3 cells under 2 columns; put a cell with a delimiter inside it in quotation marks")
    ) {
      try CSV.Table(parsing: "a,b\n1,2\n1,Lee, Ann\n")
    }
  }

  @Test("a cell that must not be empty says where it is")
  func requiredCell() throws {
    let table = try CSV.Table(parsing: "id,name\n1,Ann\n2,\n")
    #expect(try table.rows[0].require("name") == "Ann")
    #expect(throws: CSV.Failure(line: 3, "the cell “name” is empty")) { try table.rows[1].require("name") }
  }
}
