import Attendance
import Foundation
import Formats
import Store
import Testing

@Suite(.serialized)
struct AttendanceLogTests {
  private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

  /// A log with a few people and sightings around the night in which Berlin sets its clocks back.
  private func withLog(_ body: (AttendanceLog) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "rollcall-log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try Store.open(.embedded(dataFolder: folder))
    defer { store.close() }

    let consent = Consent(text: "yes", date: Date(timeIntervalSince1970: 0))
    for (id, name, groups) in [
      ("7", "Ada \"Countess\", Lovelace", ["4b", "=cmd()"]), ("-1", "=HYPERLINK(\"x\")", []),
      ("gone", "Nobody", ["4b"]),
    ] {
      _ = try store.addTemplates([], personID: id, name: name, groups: groups, consent: consent)
    }
    func seen(
      _ id: String, _ time: String, _ source: Sighting.Source, by person: String?, _ status: Sighting.Status,
      _ mask: Sighting.Mask? = nil
    ) throws -> Sighting {
      Sighting(
        id: id, time: try Timestamp.parse(time, assuming: .gmt), source: source, personID: person, status: status,
        method: person == nil ? nil : .face, confidence: person == nil ? nil : 0.912_345,
        box: Sighting.Box(x: 1, y: 2, width: 3, height: 4), mask: mask)
    }
    _ = try store.insertSightings([
      // The first without a label, as before there were labels.
      seen("a", "2026-10-24T21:59:59.999Z", .camera("door"), by: "7", .known),
      seen("b", "2026-10-24T22:00:00Z", .camera("door"), by: "7", .known, .mask),
      seen("c", "2026-10-25T00:30:00Z", .file("+a.jpg"), by: "-1", .known, .incorrect),
      seen("d", "2026-10-25T01:30:00Z", .camera("door"), by: nil, .unknown, .unsure),
      seen("e", "2026-10-25T10:00:00Z", .camera("door"), by: "7", .known, Sighting.Mask.none),
      seen("e2", "2026-10-25T10:00:01Z", .camera("door"), by: "7", .known, .covering),
      seen("e3", "2026-10-25T22:59:59Z", .camera("door"), by: "7", .known, .unsure),
      seen("f", "2026-10-25T23:00:00Z", .camera("door"), by: "gone", .known),
      seen("g", "2026-10-26T08:00:00Z", .camera("door"), by: nil, .poor),
    ])
    _ = try store.forget(id: "gone")
    try body(AttendanceLog(store: store, timeZone: Self.berlin))
  }

  private func text(
    _ log: AttendanceLog, _ layout: AttendanceLog.Layout, _ format: AttendanceLog.Format,
    _ query: AttendanceLog.Query = .init()
  ) throws -> String {
    var text = ""
    let rows = try log.export(query, layout: layout, format: format) { text += $0 }
    let lines = text.split(whereSeparator: \.isNewline).count
    #expect(rows == lines - (format == .csv ? 1 : 0))
    return text
  }

  @Test("events are exported as CSV with local times, names as they are now, and no formulas")
  func eventsAsCSV() throws {
    try withLog { log throws in
      let lines = [
        "time,id,name,groups,camera,file,status,method,confidence,mask",
        "2026-10-24T23:59:59.999+02:00,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",door,,known,face,0.9123,",
        "2026-10-25T00:00:00.000+02:00,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",door,,known,face,0.9123,mask",
        "2026-10-25T02:30:00.000+02:00,-1,\"'=HYPERLINK(\"\"x\"\")\",,,'+a.jpg,known,face,0.9123,incorrect",
        "2026-10-25T02:30:00.000+01:00,,,,door,,unknown,,,unsure",
        "2026-10-25T11:00:00.000+01:00,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",door,,known,face,0.9123,none",
        "2026-10-25T11:00:01.000+01:00,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",door,,known,face,0.9123,covering",
        "2026-10-25T23:59:59.000+01:00,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",door,,known,face,0.9123,unsure",
        "2026-10-26T00:00:00.000+01:00,,,,door,,forgotten,face,0.9123,",
        "2026-10-26T09:00:00.000+01:00,,,,door,,poor,,,",
      ]
      #expect(try text(log, .events, .csv) == lines.map { $0 + "\r\n" }.joined())
    }
  }

  @Test("a day's mask share counts masks among the sightings that show it, and is empty when none does")
  func maskShare() throws {
    try withLog { log throws in
      var days: [AttendanceLog.Day] = []
      try log.forEachDay(.init(personID: "7")) { days.append($0) }
      #expect(days.map(\.sightings) == [1, 4])
      #expect(days.map(\.labelled) == [0, 3])
      #expect(days.map(\.masked) == [0, 1])
      #expect(days[0].maskShare == nil)
    }
  }

  @Test("events are exported as JSON Lines with the same content")
  func eventsAsJSON() throws {
    try withLog { log throws in
      let day = AttendanceLog.Query(from: "2026-10-25", to: "2026-10-25", status: nil)
      let lines = [
        #"{"time":"2026-10-25T00:00:00.000+02:00","id":"7","name":"Ada \"Countess\", Lovelace","groups":["4b","=cmd()"],"camera":"door","status":"known","method":"face","confidence":0.9123,"mask":"mask"}"#,
        #"{"time":"2026-10-25T02:30:00.000+02:00","id":"-1","name":"=HYPERLINK(\"x\")","groups":[],"file":"+a.jpg","status":"known","method":"face","confidence":0.9123,"mask":"incorrect"}"#,
        #"{"time":"2026-10-25T02:30:00.000+01:00","id":null,"name":null,"groups":[],"camera":"door","status":"unknown","method":null,"confidence":null,"mask":"unsure"}"#,
        #"{"time":"2026-10-25T11:00:00.000+01:00","id":"7","name":"Ada \"Countess\", Lovelace","groups":["4b","=cmd()"],"camera":"door","status":"known","method":"face","confidence":0.9123,"mask":"none"}"#,
        #"{"time":"2026-10-25T11:00:01.000+01:00","id":"7","name":"Ada \"Countess\", Lovelace","groups":["4b","=cmd()"],"camera":"door","status":"known","method":"face","confidence":0.9123,"mask":"covering"}"#,
        #"{"time":"2026-10-25T23:59:59.000+01:00","id":"7","name":"Ada \"Countess\", Lovelace","groups":["4b","=cmd()"],"camera":"door","status":"known","method":"face","confidence":0.9123,"mask":"unsure"}"#,
      ]
      let written = try text(log, .events, .jsonl, day)
      #expect(written == lines.map { $0 + "\n" }.joined())
    }
  }

  @Test("days run from local midnight to local midnight, also the one of 25 hours, for known people only")
  func daily() throws {
    try withLog { log throws in
      let csv = [
        "date,id,name,groups,first_in,last_out,sightings,mask_share",
        "2026-10-24,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",2026-10-24T23:59:59.999+02:00,"
          + "2026-10-24T23:59:59.999+02:00,1,",
        "2026-10-25,-1,\"'=HYPERLINK(\"\"x\"\")\",,2026-10-25T02:30:00.000+02:00,2026-10-25T02:30:00.000+02:00,1,0.0",
        "2026-10-25,7,\"Ada \"\"Countess\"\", Lovelace\",\"4b; =cmd()\",2026-10-25T00:00:00.000+02:00,"
          + "2026-10-25T23:59:59.000+01:00,4,0.3333",
      ]
      #expect(try text(log, .daily, .csv) == csv.map { $0 + "\r\n" }.joined())
      let json =
        #"{"date":"2026-10-25","id":"-1","name":"=HYPERLINK(\"x\")","groups":[],"first_in":"2026-10-25T02:30:00.000+02:00","last_out":"2026-10-25T02:30:00.000+02:00","sightings":1,"mask_share":0.0}"#
      #expect(try text(log, .daily, .jsonl, .init(personID: "-1")) == json + "\n")
    }
  }

  @Test("the log is narrowed by its first and last day, which are part of it, by person and by status")
  func narrowed() throws {
    try withLog { log throws in
      func ids(_ query: AttendanceLog.Query) throws -> [String] {
        var ids: [String] = []
        try log.forEachEvent(query) { ids.append($0.sighting.id) }
        return ids
      }
      #expect(try ids(.init(from: "2026-10-25")) == ["b", "c", "d", "e", "e2", "e3", "f", "g"])
      #expect(try ids(.init(to: "2026-10-24")) == ["a"])
      #expect(try ids(.init(from: "2026-10-25", to: "2026-10-25", personID: "7")) == ["b", "e", "e2", "e3"])
      #expect(try ids(.init(status: .forgotten)) == ["f"])
      #expect(try ids(.init(personID: "nobody")) == [])
    }
  }

  @Test("an empty log is a header in CSV and nothing in JSON Lines")
  func empty() throws {
    try withLog { log throws in
      let future = AttendanceLog.Query(from: "2030-01-01")
      #expect(try text(log, .daily, .csv, future) == "date,id,name,groups,first_in,last_out,sightings,mask_share\r\n")
      #expect(try text(log, .events, .jsonl, future) == "")
    }
  }

  @Test("a day that is none, and a last day before the first, are refused with what to write")
  func badDays() throws {
    try withLog { log throws in
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
