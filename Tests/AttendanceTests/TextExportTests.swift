import Attendance
import Foundation
import Formats
import Store
import Testing

@Suite("The log as CSV and JSON Lines", .serialized)
struct TextExportTests {
  private static let ada = "7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\""

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
        #"{"time":"2026-11-20T08:00:00.000+01:00","id":"1","name":"Person 1","groups":[],"camera":"door","#
          + #""status":"known","#
          + #""method":"face","confidence":0.9123,"mask":null,"kind":"photo","voided_by":"Bo","#
          + #""void_reason":"not her","event":"s"}"#,
        #"{"time":"2026-11-20T17:00:00.000+01:00","id":"1","name":"Person 1","groups":[],"kind":"out","by":"Ann","#
          + #""reason":"=power cut","event":"\#(mark)"}"#,
      ]
      #expect(try text(log.log(), .events, .jsonl) == json.map { $0 + "\n" }.joined())
    }
  }

  @Test("events are exported as JSON Lines with the same content")
  func eventsAsJSON() throws {
    try withEvents { log throws in
      let day = AttendanceLog.Query(from: "2026-10-25", to: "2026-10-25", status: nil)
      let ada =
        #""id":"7","name":"Ada \"Countess\", Lovelace","groups":["4b","=cmd()"],"camera":"door","status":"known","#
      let lines = [
        #"{"time":"2026-10-25T00:00:00.000+02:00",\#(ada)"method":"face","confidence":0.9123,"mask":"mask","#
          + #""kind":"photo","event":"b"}"#,
        #"{"time":"2026-10-25T02:30:00.000+02:00","id":"-1","name":"=HYPERLINK(\"x\")","groups":[],"#
          + #""file":"+a.jpg","status":"known","method":"face","confidence":0.9123,"mask":"incorrect","#
          + #""kind":"photo","event":"c"}"#,
        #"{"time":"2026-10-25T02:30:00.000+01:00","id":null,"name":null,"groups":[],"camera":"door","#
          + #""status":"unknown","method":null,"confidence":null,"mask":"unsure","kind":"photo","event":"d"}"#,
        #"{"time":"2026-10-25T11:00:00.000+01:00",\#(ada)"method":"face","confidence":0.9123,"mask":"none","#
          + #""kind":"arrival","event":"live:r:1:arrival"}"#,
        #"{"time":"2026-10-25T11:00:01.000+01:00",\#(ada)"method":"face","confidence":0.9123,"mask":"covering","#
          + #""kind":"mask","event":"live:r:1:mask:1"}"#,
        #"{"time":"2026-10-25T23:59:59.000+01:00",\#(ada)"method":"face","confidence":0.9123,"mask":"unsure","#
          + #""kind":"seen","event":"live:r:1:seen"}"#,
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
        #"{"date":"2026-10-25","id":"-1","name":"=HYPERLINK(\"x\")","groups":[],"#
        + #""first_in":"2026-10-25T02:30:00.000+02:00","last_out":"2026-10-25T02:30:00.000+02:00","sightings":1,"#
        + #""mask_share":0.0,"hours":null}"#
      #expect(try text(log, .daily, .jsonl, .init(personID: "-1")) == json + "\n")
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
}
