import Formats
import Foundation
import TestResources
import Testing

@Suite("Spreadsheets")
struct SpreadsheetTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.url.path + "/sheet.xlsx"
  }

  private func write(_ columns: [Spreadsheet.Column], _ rows: [[Spreadsheet.Cell]]) throws -> SheetReader {
    let sheet = try Spreadsheet(path: path, name: "log", columns: columns, comment: "Times in <Berlin>")
    for row in rows { try sheet.add(row) }
    try sheet.close()
    return try SheetReader(path: path)
  }

  static let nastyTexts = [
    "=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "http://example.org", "mailto:a@b.c",
    "a \"quoted\", one", "two\nlines", "two\r\nlines", "tab\there", "  blanks  ", "😀 Zoë 王", "<b>&amp;</b>",
    "_x0041_", "__x0041_", "1042", "TRUE", "2026-11-21", "'quote", "bell\u{7}",
  ]

  @Test("texts are plain texts, whatever they begin with and hold", arguments: nastyTexts)
  func texts(text: String) throws {
    let sheet = try write([.init("a", width: 10)], [[.text(text)]])
    #expect(sheet.rows == [[.text("a")], [.text(text)]])
    #expect(sheet.links == 0)
  }

  @Test("what neither XML nor C has a place for becomes a replacement character, and what is too long is cut")
  func impossibleTexts() throws {
    let long = String(repeating: "😀", count: 16_383) + "ab"
    let sheet = try write([.init("a", width: 10)], [[.text("a\0b\u{FFFE}c")], [.text(long)], [.text("")]])
    #expect(sheet.rows[1] == [.text("a\u{FFFD}b\u{FFFD}c")])
    #expect(sheet.rows[2] == [.text(String(repeating: "😀", count: 16_383) + "a")])
    #expect(sheet.rows.count == 3)
  }

  @Test("times, days, durations and numbers are numbers that are shown as what they are")
  func numbers() throws {
    let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    let moment = try Timestamp.parse("2026-07-01T18:30:15.250+02:00", assuming: .gmt)
    let sheet = try write(
      [.init("time", width: 20), .init("day", width: 12), .init("hours", width: 8), .init("n", width: 7)],
      [
        [.time(moment, berlin), .day("2026-07-01"), .hours(25.5), .number(0.25)],
        [.time(moment, .gmt), .day("no day"), .empty, .number(-3)],
      ])
    // Days since 1899-12-30: 2026-07-01 is day 46204.
    let day = 46_204.0
    #expect(sheet.rows[1][0] == .number(day + 66_615.25 / 86_400, "yyyy-mm-dd hh:mm:ss"))
    #expect(sheet.rows[1][1] == .number(day, "yyyy-mm-dd"))
    #expect(sheet.rows[1][2] == .number(25.5 / 24, "[h]:mm"))
    #expect(sheet.rows[1][3] == .number(0.25, "General"))
    #expect(
      sheet.rows[2]
        == [.number(day + 59_415.25 / 86_400, "yyyy-mm-dd hh:mm:ss"), .text("no day"), .empty, .number(-3, "General")])
  }

  @Test("the header stays in sight and filters rows, columns are as wide as said, and the file says what it is")
  func furniture() throws {
    let sheet = try write(
      [.init("time", width: 20), .init("id", width: 9)], [[.text("a"), .text("b")], [.text("c"), .text("d")]])
    #expect(sheet.isFrozen)
    #expect(sheet.filter == "A1:B3")
    // The width counts digits; the file adds the room beside them.
    #expect(sheet.widths.mapValues { $0.rounded(.down) } == [1: 20, 2: 9])
    #expect(sheet.comment == "Times in <Berlin>")
    #expect(try write([.init("a", width: 5)], []).rows == [[.text("a")]])
  }

  @Test("a folder that is not there and a sheet that is full are errors with words")
  func failures() throws {
    let nowhere = try Spreadsheet(path: folder.url.path + "/no/file.xlsx", name: "log", columns: [], comment: "")
    #expect(throws: Spreadsheet.Failure.self) { try nowhere.close() }
    #expect(Spreadsheet.Failure.tooManyRows.description.contains("1048575"))
    #expect(throws: Spreadsheet.Failure.self) {
      _ = try Spreadsheet(path: path, name: "a/b", columns: [], comment: "")
    }
  }
}
