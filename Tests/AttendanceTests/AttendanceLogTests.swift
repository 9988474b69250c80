import Attendance
import Foundation
import Formats
import Store
import TestResources
import Testing

@Suite(.serialized)
struct AttendanceLogTests {
  private static let ada = "7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\""

  /// A log with a few people and sightings around the night in which Berlin sets its clocks back.
  private func withEvents(_ body: (AttendanceLog) throws -> Void) throws {
    try withLog { log throws in
      for (id, name, groups) in [
        ("7", "Ada \"Countess\", Lovelace", ["4b", "=cmd()"]), ("-1", "=HYPERLINK(\"x\")", []),
        ("gone", "Nobody", ["4b"]),
      ] { try log.enroll(id, name, groups: groups) }
      // The first without a label, as before there were labels.
      try log.see("7", "2026-10-24T21:59:59.999Z", id: "a")
      try log.see("7", "2026-10-24T22:00:00Z", id: "b", mask: .mask)
      try log.see("-1", "2026-10-25T00:30:00Z", id: "c", at: .file("+a.jpg"), mask: .incorrect)
      try log.see(nil, "2026-10-25T01:30:00Z", id: "d", mask: .unsure)
      try log.see("7", "2026-10-25T10:00:00Z", id: "live:r:1:arrival", kind: .arrival, mask: Sighting.Mask.none)
      try log.see("7", "2026-10-25T10:00:01Z", id: "live:r:1:mask:1", kind: .mask, mask: .covering)
      try log.see("7", "2026-10-25T22:59:59Z", id: "live:r:1:seen", kind: .seen, mask: .unsure)
      try log.see("gone", "2026-10-25T23:00:00Z", id: "f")
      try log.see(nil, "2026-10-26T08:00:00Z", id: "g", status: .poor)
      _ = try log.store.forget(id: "gone")
      try body(log.log())
    }
  }

  private func text(
    _ log: AttendanceLog, _ layout: AttendanceLog.Layout, _ format: AttendanceLog.TextFormat,
    _ query: AttendanceLog.Query = .init()
  ) throws -> String {
    var text = ""
    let exported = try log.export(query, layout: layout, format: format) { text += $0 }
    let lines = text.split(whereSeparator: \.isNewline).count
    #expect(exported.rows == lines - (format == .csv ? 1 : 0))
    return text
  }

  @Test("events are exported as CSV with local times, names as they are now, and no formulas")
  func eventsAsCSV() throws {
    try withEvents { log throws in
      let lines = [
        "time,id,name,groups,camera,file,status,method,confidence,mask,kind,by,reason,voided_by,void_reason,event",
        "2026-10-24T23:59:59.999+02:00,\(Self.ada),door,,known,face,0.9123,,photo,,,,,a",
        "2026-10-25T00:00:00.000+02:00,\(Self.ada),door,,known,face,0.9123,mask,photo,,,,,b",
        "2026-10-25T02:30:00.000+02:00,-1,\"'=HYPERLINK(\"\"x\"\")\",,,'+a.jpg,known,face,0.9123,incorrect,photo,,,,,c",
        "2026-10-25T02:30:00.000+01:00,,,,door,,unknown,,,unsure,photo,,,,,d",
        "2026-10-25T11:00:00.000+01:00,\(Self.ada),door,,known,face,0.9123,none,arrival,,,,,live:r:1:arrival",
        "2026-10-25T11:00:01.000+01:00,\(Self.ada),door,,known,face,0.9123,covering,mask,,,,,live:r:1:mask:1",
        "2026-10-25T23:59:59.000+01:00,\(Self.ada),door,,known,face,0.9123,unsure,seen,,,,,live:r:1:seen",
        "2026-10-26T00:00:00.000+01:00,,,,door,,forgotten,face,0.9123,,photo,,,,,f",
        "2026-10-26T09:00:00.000+01:00,,,,door,,poor,,,,photo,,,,,g",
      ]
      #expect(try text(log, .events, .csv) == lines.map { $0 + "\r\n" }.joined())
    }
  }

  @Test("marks and what is void are exported with who said so and why")
  func corrections() throws {
    try withLog { log throws in
      try log.see("1", "2026-11-20T08:00", id: "s")
      let mark = try log.mark("1", .out, "2026-11-20T17:00", reason: "=power cut")
      try log.void("s")
      let csv = [
        AttendanceLog.Layout.events.columns.joined(separator: ","),
        "2026-11-20T08:00:00.000+01:00,1,Person 1,,door,,known,face,0.9123,,photo,,,Bo,not her,s",
        "2026-11-20T17:00:00.000+01:00,1,Person 1,,,,,,,,out,Ann,'=power cut,,,\(mark)",
      ]
      #expect(try text(log.log(), .events, .csv) == csv.map { $0 + "\r\n" }.joined())
      let json = [
        #"{"time":"2026-11-20T08:00:00.000+01:00","id":"1","name":"Person 1","groups":[],"camera":"door","status":"known","#
          + #""method":"face","confidence":0.9123,"mask":null,"kind":"photo","voided_by":"Bo","void_reason":"not her","event":"s"}"#,
        #"{"time":"2026-11-20T17:00:00.000+01:00","id":"1","name":"Person 1","groups":[],"kind":"out","by":"Ann","#
          + #""reason":"=power cut","event":"\#(mark)"}"#,
      ]
      #expect(try text(log.log(), .events, .jsonl) == json.map { $0 + "\n" }.joined())
    }
  }

  @Test("a day's mask share counts masks among the sightings that show it, and is empty when none does")
  func maskShare() throws {
    try withEvents { log throws in
      var days: [AttendanceLog.Day] = []
      try log.forEachDay(.init(personID: "7")) { days.append($0) }
      // The first two are a millisecond apart: one punch. The end of the visit is no sighting of its own.
      #expect(days.map(\.sightings) == [2, 2])
      #expect(days.map(\.labelled) == [1, 2])
      #expect(days.map(\.masked) == [1, 0])
      #expect(days.map(\.maskShare) == [1, 0])
      try log.forEachDay(.init(from: "2026-10-24", to: "2026-10-24", status: .poor)) { _ in
        Issue.record("nobody is known")
      }
    }
    try withLog { log throws in
      try log.see("1", "2026-11-20T08:00", mask: .unsure)
      try log.log().forEachDay { #expect($0.maskShare == nil) }
    }
  }

  @Test("events are exported as JSON Lines with the same content")
  func eventsAsJSON() throws {
    try withEvents { log throws in
      let day = AttendanceLog.Query(from: "2026-10-25", to: "2026-10-25", status: nil)
      let ada =
        #""id":"7","name":"Ada \"Countess\", Lovelace","groups":["4b","=cmd()"],"camera":"door","status":"known","#
      let lines = [
        #"{"time":"2026-10-25T00:00:00.000+02:00",\#(ada)"method":"face","confidence":0.9123,"mask":"mask","kind":"photo","event":"b"}"#,
        #"{"time":"2026-10-25T02:30:00.000+02:00","id":"-1","name":"=HYPERLINK(\"x\")","groups":[],"file":"+a.jpg","status":"known","method":"face","confidence":0.9123,"mask":"incorrect","kind":"photo","event":"c"}"#,
        #"{"time":"2026-10-25T02:30:00.000+01:00","id":null,"name":null,"groups":[],"camera":"door","status":"unknown","method":null,"confidence":null,"mask":"unsure","kind":"photo","event":"d"}"#,
        #"{"time":"2026-10-25T11:00:00.000+01:00",\#(ada)"method":"face","confidence":0.9123,"mask":"none","kind":"arrival","event":"live:r:1:arrival"}"#,
        #"{"time":"2026-10-25T11:00:01.000+01:00",\#(ada)"method":"face","confidence":0.9123,"mask":"covering","kind":"mask","event":"live:r:1:mask:1"}"#,
        #"{"time":"2026-10-25T23:59:59.000+01:00",\#(ada)"method":"face","confidence":0.9123,"mask":"unsure","kind":"seen","event":"live:r:1:seen"}"#,
      ]
      let written = try text(log, .events, .jsonl, day)
      #expect(written == lines.map { $0 + "\n" }.joined())
    }
  }

  @Test("days are of known people only, with hours at the end")
  func daily() throws {
    try withEvents { log throws in
      let csv = [
        "date,id,name,groups,first_in,last_out,sightings,mask_share,hours",
        "2026-10-24,\(Self.ada),2026-10-24T23:59:59.999+02:00,2026-10-25T00:00:00.000+02:00,2,1.0,",
        "2026-10-25,-1,\"'=HYPERLINK(\"\"x\"\")\",,2026-10-25T02:30:00.000+02:00,2026-10-25T02:30:00.000+02:00,1,0.0,",
        "2026-10-25,\(Self.ada),2026-10-25T11:00:00.000+01:00,2026-10-25T23:59:59.000+01:00,2,0.0,12.9997",
      ]
      #expect(try text(log, .daily, .csv) == csv.map { $0 + "\r\n" }.joined())
      let json =
        #"{"date":"2026-10-25","id":"-1","name":"=HYPERLINK(\"x\")","groups":[],"first_in":"2026-10-25T02:30:00.000+02:00","last_out":"2026-10-25T02:30:00.000+02:00","sightings":1,"mask_share":0.0,"hours":null}"#
      #expect(try text(log, .daily, .jsonl, .init(personID: "-1")) == json + "\n")
    }
  }

  /// A day with a break, one without an end, and one of which only the end is known.
  private func withShifts(_ body: (TestLog) throws -> Void) throws {
    try withLog { log throws in
      try log.enroll("@3", "Cy")
      try log.see("1", "2026-07-01T08:00:00.700")
      try log.see("1", "2026-07-01T12:00", at: .camera("yard"))
      try log.see("1", "2026-07-01T12:30")
      try log.mark("1", .out, "2026-07-01T17:00")
      try log.see("2", "2026-07-01T09:00")
      try log.mark("@3", .out, "2026-07-01T17:00")
      try body(log)
    }
  }

  @Test("Frappe gets a row per way in or out, with local times to the second and the camera as the device")
  func frappe() throws {
    try withShifts { log throws in
      let header = "employee_field_value,timestamp,device_id,log_type"
      let (first, last) = ("1,2026-07-01 08:00:00,door,IN", "1,2026-07-01 17:00:00,,OUT")
      let others = ["2,2026-07-01 09:00:00,door,IN", "'@3,2026-07-01 17:00:00,,OUT"]
      #expect(
        try text(log.log(), .frappe, .csv) == ([header, first, last] + others).map { $0 + "\r\n" }.joined())
      let every = log.log(.init(policy: .every))
      let rest = ["1,2026-07-01 12:00:00,yard,OUT", "1,2026-07-01 12:30:00,door,IN"]
      #expect(
        try text(every, .frappe, .csv)
          == ([header, first] + rest + [last] + others).map { $0 + "\r\n" }.joined())
      let json = #"{"employee_field_value":"2","timestamp":"2026-07-01 09:00:00","device_id":"door","log_type":"IN"}"#
      #expect(try text(log.log(), .frappe, .jsonl, .init(personID: "2")) == json + "\n")
      #expect(try log.log().export(layout: .frappe, format: .csv) { _ in }.incomplete == 2)
    }
  }

  @Test("Odoo gets a row per way in with its way out, in UTC, and none without a way in")
  func odoo() throws {
    try withShifts { log throws in
      let header = "employee_id,check_in,check_out"
      #expect(
        try text(log.log(), .odoo, .csv)
          == [header, "1,2026-07-01 06:00:00,2026-07-01 15:00:00", "2,2026-07-01 07:00:00,"]
          .map { $0 + "\r\n" }.joined())
      #expect(
        try text(log.log(.init(policy: .every)), .odoo, .csv)
          == [
            header, "1,2026-07-01 06:00:00,2026-07-01 10:00:00", "1,2026-07-01 10:30:00,2026-07-01 15:00:00",
            "2,2026-07-01 07:00:00,",
          ].map { $0 + "\r\n" }.joined())
      let exported = try log.log().export(layout: .odoo, format: .csv) { _ in }
      #expect(exported.rows == 2 && exported.incomplete == 2)
    }
  }

  // MARK: Spreadsheets

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

  /// One sighting for each of the names, at a camera whose name has a line end.
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

  @Test("the log is narrowed by its first and last day, which are part of it, and by what was seen of whom")
  func narrowed() throws {
    try withEvents { log throws in
      func ids(_ query: AttendanceLog.Query) throws -> [String] {
        var ids: [String] = []
        try log.forEachEvent(query) { ids.append($0.id) }
        return ids
      }
      let visit = ["arrival", "mask:1", "seen"].map { "live:r:1:\($0)" }
      #expect(try ids(.init(from: "2026-10-25")) == ["b", "c", "d"] + visit + ["f", "g"])
      #expect(try ids(.init(to: "2026-10-24")) == ["a"])
      #expect(try ids(.init(from: "2026-10-25", to: "2026-10-25", personID: "7")) == ["b"] + visit)
      #expect(try ids(.init(status: .forgotten)) == ["f"])
      #expect(try ids(.init(personID: "nobody")) == [])
      #expect(try ids(.init(group: "4b")) == ["a", "b"] + visit)
      #expect(try ids(.init(to: "2026-10-25", camera: "door", mask: .unsure)) == ["d", visit[2]])
      #expect(try ids(.init(camera: "+a.jpg")) == [])
    }
    try withLog { log throws in
      try log.see("1", "2026-11-20T08:00", id: "s", mask: .mask)
      let mark = try log.mark("1", .out, "2026-11-20T17:00")
      for (query, expected) in [
        (AttendanceLog.Query(status: .known), ["s", mark]), (.init(personID: "1"), ["s", mark]),
        (.init(camera: "door"), ["s"]), (.init(mask: .mask), ["s"]), (.init(status: .unknown), []),
        (.init(to: "2026-11-19"), []),
      ] {
        var ids: [String] = []
        try log.log().forEachEvent(query) { ids.append($0.id) }
        #expect(ids == expected)
      }
    }
  }

  @Test("an empty log is a header in CSV and nothing in JSON Lines")
  func empty() throws {
    try withLog { log throws in
      let log = log.log()
      let future = AttendanceLog.Query(from: "2030-01-01")
      #expect(
        try text(log, .daily, .csv, future) == "date,id,name,groups,first_in,last_out,sightings,mask_share,hours\r\n")
      #expect(try text(log, .events, .jsonl, future) == "")
    }
  }

  @Test("a day that is none, and a last day before the first, are refused with what to write")
  func badDays() throws {
    try withLog { log throws in
      let log = log.log()
      #expect(throws: Timestamp.Failure.self) { try log.forEachEvent(.init(from: "21.11.2026")) { _ in } }
      let reversed = AttendanceError.daysReversed(from: "2026-10-25", to: "2026-10-24")
      #expect(throws: reversed) { try log.forEachDay(.init(from: "2026-10-25", to: "2026-10-24")) { _ in } }
      #expect(reversed.description.contains("2026-10-24 is before 2026-10-25"))
    }
  }

  @Test("a photo's faces have ids of their own, the same at every run")
  func sightingIDs() {
    let digest = String(repeating: "ab", count: 32)
    let id = SightingID.photo(digest: digest, box: Sighting.Box(x: 10.4, y: -0.4, width: 80.6, height: 90))
    #expect(id == "photo:\(digest):10,0,81,90")
    #expect(id != SightingID.photo(digest: digest, box: Sighting.Box(x: 11, y: 0, width: 81, height: 90)))
  }
}
