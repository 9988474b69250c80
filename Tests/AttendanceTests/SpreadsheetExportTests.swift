import Attendance
import Foundation
import Formats
import Store
import TestResources
import Testing
import Values

@Suite("The log in spreadsheets, and as other programs read it", .serialized)
struct SpreadsheetExportTests {
  private func sheet(_ log: AttendanceLog, _ layout: AttendanceLog.Layout, in folder: URL) throws -> SheetReader {
    let path = folder.appendingPathComponent("\(layout).xlsx").path
    let exported = try log.exportSpreadsheet(layout: layout, to: path)
    let sheet = try SheetReader(path: path)
    #expect(exported.rows == sheet.rows.count - 1)
    #expect(sheet.rows.first == layout.columns.map(SheetReader.Cell.text))
    #expect(sheet.isFrozen && sheet.links == 0)
    return sheet
  }

  private func time(_ text: String) throws -> SheetReader.Cell {
    let seconds = try Timestamp.parse(text, assuming: .gmt).timeIntervalSince1970
    return .number(seconds / 86_400 + 25_569, "yyyy-mm-dd hh:mm:ss")
  }

  private func day(_ text: String) throws -> SheetReader.Cell {
    .number(try Timestamp.parseDay(text, in: .gmt).timeIntervalSince1970 / 86_400 + 25_569, "yyyy-mm-dd")
  }

  @Test("spreadsheets have what CSV has: local times, days, hours and shares as numbers, the rest as texts")
  func spreadsheets() throws {
    try withShifts { log throws in
      try log.see("1", "2026-07-01T16:00", mask: .mask)
      let daily = try sheet(log.log(), .daily, in: log.folder)
      #expect(
        try daily.rows.dropFirst().map(\.self) == [
          [
            day("2026-07-01"), .text("1"), .text("Person 1"), .empty, time("2026-07-01T08:00:00.7"),
            time("2026-07-01T17:00:00"), .number(4, "General"), .number(1, "General"),
            .number((9 - 0.7 / 3600) / 24, "[h]:mm"),
          ],
          [
            day("2026-07-01"), .text("2"), .text("Person 2"), .empty, time("2026-07-01T09:00:00"),
            time("2026-07-01T09:00:00"), .number(1, "General"), .empty, .empty,
          ],
          [
            day("2026-07-01"), .text("@3"), .text("Cy"), .empty, .empty, time("2026-07-01T17:00:00"),
            .number(0, "General"), .empty, .empty,
          ],
        ])
      let odoo = try sheet(log.log(), .odoo, in: log.folder)
      #expect(
        try odoo.rows.dropFirst().map(\.self) == [
          [.text("1"), time("2026-07-01T06:00:00.7"), time("2026-07-01T15:00:00")],
          [.text("2"), time("2026-07-01T07:00:00"), .empty],
        ])
      #expect(odoo.comment.contains("GMT"))
      let frappe = try sheet(log.log(), .frappe, in: log.folder)
      #expect(try frappe.rows[1] == [.text("1"), time("2026-07-01T08:00:00.7"), .text("door"), .text("IN")])
      #expect(try frappe.rows[2] == [.text("1"), time("2026-07-01T17:00:00"), .empty, .text("OUT")])
      #expect(frappe.comment.contains("Europe/Berlin"))
    }
    try withEvents { log throws in
      let events = try sheet(log, .events, in: FileManager.default.temporaryDirectory)
      #expect(
        try events.rows[3] == [
          time("2026-10-25T02:30:00"), .text("-1"), .text("=HYPERLINK(\"x\")"), .empty, .empty, .text("+a.jpg"),
          .text("known"), .text("face"), .number(0.9123, "General"), .text("incorrect"), .text("photo"), .empty, .empty,
          .empty, .empty, .text("c"),
        ])
      #expect(events.rows[1][3] == .text("4b; =cmd()"))
    }
  }

  private static let names = [
    "=cmd|' /C calc'!A0", "Ada \"Countess\", Lovelace", "@SUM(A1)", "😀 Zoë", "+49 170", "-1+1", "<b>&amp;", "_x0041_",
  ]

  /// One event for each of the names, at a camera whose name has a line end.
  private func seeAll(_ log: TestLog) throws {
    for (index, name) in Self.names.enumerated() {
      try log.enroll("n\(index)", name)
      try log.see("n\(index)", "2026-11-20T08:0\(index):07", at: .camera("hall\n\"=\(name)"))
    }
  }

  @Test("names that look like formulas, with quotes, emoji and line ends, read back from every format as they are")
  func namesReadBack() throws {
    try withLog { log throws in
      try seeAll(log)
      var csv = ""
      _ = try log.log().export(layout: .events, format: .csv) { csv += $0 }
      let cells = try CSV.parse(csv)
      #expect(try PythonCSV.rows(of: csv) == cells)
      let rows = cells.dropFirst()
      #expect(rows.map { CSV.plain($0[2]) } == Self.names)
      #expect(rows.map { CSV.plain($0[4]) } == Self.names.map { "hall\n\"=\($0)" })
      #expect(rows.allSatisfy { row in row.allSatisfy { !$0.hasPrefix("=") && !$0.hasPrefix("@") } })
      let sheet = try sheet(log.log(), .events, in: log.folder)
      #expect(sheet.rows.dropFirst().map { $0[2] } == Self.names.map(SheetReader.Cell.text))
      #expect(sheet.rows.dropFirst().map { $0[4] } == Self.names.map { .text("hall\n\"=\($0)") })
    }
  }

  @Test(
    "LibreOffice reads exports: texts as they are, dates as dates",
    .enabled(if: LibreOffice.program != nil, Comment(rawValue: LibreOffice.hint)))
  func libreOffice() throws {
    try withLog { log throws in
      try seeAll(log)
      for index in Self.names.indices { try log.see("n\(index)", "2026-11-20T16:30:07") }
      let file = log.folder.appendingPathComponent("export.xlsx")
      _ = try log.log().exportSpreadsheet(layout: .daily, to: file.path)
      let days = try CSV.parse(LibreOffice.csv(of: file))
      #expect(days.first == AttendanceLog.Layout.daily.columns)
      #expect(days.dropFirst().map { $0[2] } == Self.names)
      #expect(
        days[1] == [
          "2026-11-20", "n0", Self.names[0], "", "2026-11-20 08:00:07", "2026-11-20 16:30:07", "2", "", "8:30",
        ])
      _ = try log.log().exportSpreadsheet(layout: .events, to: file.path)
      let events = try CSV.parse(LibreOffice.csv(of: file))
      #expect(events.map(\.count) == Array(repeating: AttendanceLog.Layout.events.columns.count, count: 17))
      #expect(events[1...8].map { $0[4] } == Self.names.map { "hall\n\"=\($0)" })
      #expect(events[1...8].map { $0[0] } == (0..<8).map { "2026-11-20 08:0\($0):07" })
      for layout in AttendanceLog.Layout.allCases {
        var csv = ""
        _ = try log.log().export(layout: layout, format: .csv) { csv += $0 }
        let file = log.folder.appendingPathComponent("\(layout).csv")
        try Data(csv.utf8).write(to: file)
        #expect(try CSV.parse(LibreOffice.csv(of: file)) == CSV.parse(csv))
      }
    }
  }
}
