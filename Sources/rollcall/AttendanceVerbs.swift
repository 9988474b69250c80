import Attendance
import Foundation
import Formats
import Store
import Terminal

/// `rollcall attendance`
enum AttendanceGroup {
  static let from = Option("from", .text("DATE"), help: "the first day, as in 2026-09-01")
  static let to = Option("to", .text("DATE"), help: "the last day, which is part of it")
  static let person = Option("person", .text("ID"), help: "only this person")
  static let status = Option("status", .choice(of: Sighting.Status.self), help: "only sightings of this kind")
  static let layout = Option(
    "layout", .choice(of: AttendanceLog.Layout.self), default: .events,
    help: "events: one row per sighting; daily: one row per person and day with first-in and last-out")
  static let narrowing: [any AnyOption] = [from, to, person, status, layout, Common.timeZone]

  static let command = Command(
    "attendance", summary: "read and export the log", synonyms: ["log", "events", "sightings"],
    verbs: [AttendanceList.command, AttendanceExport.command],
    examples: [
      .init("who was here today?", "rollcall attendance list --from 2026-09-01 --layout daily"),
      .init(
        "a month for the office", "rollcall attendance export --from 2026-09-01 --to 2026-09-30 --output september.csv"),
    ])

  /// The log and what of it is asked for.
  static func query(_ invocation: Invocation, _ store: Store) throws -> (AttendanceLog, AttendanceLog.Query) {
    for option in [from, to] {
      guard let day = invocation[option] else { continue }
      do {
        _ = try Timestamp.parseDay(day, in: .gmt)
      } catch {
        throw invocation.refuse("\(error)")
      }
    }
    let query = AttendanceLog.Query(
      from: invocation[from], to: invocation[to], personID: invocation[person], status: invocation[status])
    return (AttendanceLog(store: store, timeZone: Common.zone(invocation)), query)
  }
}

/// `rollcall attendance list`
enum AttendanceList: Verb {
  static let path = "attendance list"
  static let command = Command(
    "list", summary: "show the log on the screen", synonyms: ["ls", "show"], options: AttendanceGroup.narrowing,
    examples: [
      .init("everything", "rollcall attendance list"),
      .init(
        "first-in and last-out of a week", "rollcall attendance list --layout daily --from 2026-09-07 --to 2026-09-11"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let (log, query) = try AttendanceGroup.query(invocation, store)
    let zone = Common.zone(invocation)
    var table: TextTable
    var rows = 0
    switch invocation[AttendanceGroup.layout] {
    case .events:
      table = TextTable([.init("time"), .init("id"), .init("name"), .init("status"), .init("mask"), .init("where")])
      try log.forEachEvent(query) { event in
        let place =
          switch event.sighting.source {
          case .camera(let name): name
          case .file(let name): name
          }
        table.add([
          Timestamp.string(from: event.sighting.time, in: zone), event.sighting.personID ?? "", event.name ?? "",
          event.sighting.status.rawValue, event.sighting.mask?.rawValue ?? "", place,
        ])
        rows += 1
      }
    case .daily:
      table = TextTable([
        .init("date"), .init("id"), .init("name"), .init("first in"), .init("last out"), .init("sightings", .right),
        .init("masked", .right),
      ])
      try log.forEachDay(query) { day in
        table.add([
          day.date, day.personID, day.name, Timestamp.string(from: day.firstIn, in: zone),
          Timestamp.string(from: day.lastOut, in: zone), String(day.sightings),
          day.maskShare.map { "\(Int(($0 * 100).rounded())) %" } ?? "",
        ])
        rows += 1
      }
    }
    guard rows > 0 else {
      Console.note("nothing in the log for this; rollcall identify PICTURES --attendance writes to it")
      return 0
    }
    try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    return 0
  }
}

/// `rollcall attendance export`
enum AttendanceExport: Verb {
  static let path = "attendance export"
  private static let format = Option(
    "format", .choice(of: AttendanceLog.Format.self), default: .csv, help: "the kind of file")
  private static let file = Option("output", .text("FILE"), help: "where to write (default: standard output)")
  static let command = Command(
    "export", summary: "write the log as a file for payroll, a spreadsheet or another program",
    description: """
      CSV follows RFC 4180; times are ISO 8601 with the offset of the time zone. Cells that a spreadsheet would run as a formula are made \
      text by an apostrophe. Unknown and forgotten people have empty cells for ID and name.

      mask is what covered the face: mask, incorrect, covering, none or unsure. mask_share is the share of a person's sightings of the day \
      with a mask worn over mouth, nose and chin, 0 to 1, among those that show it (the unsure ones do not count).
      """,
    options: AttendanceGroup.narrowing + [format, file],
    examples: [
      .init(
        "a month, first-in and last-out",
        "rollcall attendance export --layout daily --from 2026-09-01 --to 2026-09-30 --output september.csv"),
      .init("every sighting, for a program", "rollcall attendance export --format jsonl"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let (log, query) = try AttendanceGroup.query(invocation, store)
    let (layout, format) = (invocation[AttendanceGroup.layout], invocation[format])
    guard let path = invocation[file] else {
      _ = try log.export(query, layout: layout, format: format) { try Output.standard.write($0) }
      return 0
    }
    // The file appears when it is whole, so that nobody reads half a month.
    let partial = path + ".part"
    guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: partial)
    else { throw Complaint("\(path) cannot be written; choose another --output") }
    let rows = try log.export(query, layout: layout, format: format) { try handle.write(contentsOf: Data($0.utf8)) }
    try handle.close()
    guard rename(partial, path) == 0 else {
      throw Complaint("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    Console.note("\(rows) row\(rows == 1 ? "" : "s") written to \(path)")
    return 0
  }
}
