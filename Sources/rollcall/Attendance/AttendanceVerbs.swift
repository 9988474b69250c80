import Attendance
import Foundation
import Formats
import Store
import Terminal
import Values

/// `rollcall attendance`
enum AttendanceGroup {
  static let from = Option("from", .text("DATE"), help: "the first day, as in 2026-09-01")
  static let to = Option("to", .text("DATE"), help: "the last day, which is part of it")
  static let group = Option("group", .text("NAME"), help: "only people in this group")
  static let camera = Option("camera", .text("NAME"), help: "only what this camera saw")
  static let dayStart = Option(
    "day-start",
    ValueKind("HH:MM") { text in
      guard let parts = text.wholeMatch(of: #/([01]?[0-9]|2[0-3]):([0-5][0-9])/#)?.output, let hours = Int(parts.1),
        let minutes = Int(parts.2)
      else { throw Complaint("“\(text)” is no time of day; write one as in 04:00") }
      return hours * 60 + minutes
    }, help: "when a day begins (default 00:00)", environment: "ROLLCALL_DAY_START")

  private static let person = Option("person", .text("ID"), help: "only this person")
  private static let mask = Option("mask", .choice(of: MaskLabel.self), help: "only faces with this label")
  private static let status = Option("status", .choice(of: FaceStatus.logged), help: "only faces of this kind")
  static let layout = Option(
    "layout", .choice(of: AttendanceLog.Layout.self), default: .events,
    help: """
      events: a row per sighting or mark; daily: a row per person and day, with first-in, last-out and hours; frappe: \
      a row per way in or out; odoo: a row per way in with its way out
      """)
  private static let policy = Option(
    "policy", .choice(of: DayRules.Policy.self), default: .firstLast,
    help: "first-last: a day's first punch is the way in, its last the way out; every: ways in and out take turns",
    environment: "ROLLCALL_POLICY")
  private static let cooldown = Option(
    "cooldown", .number("SECONDS", in: 0...86_400), default: DayRules().cooldown,
    help: "sightings of a person no further apart are one punch", environment: "ROLLCALL_COOLDOWN")
  private static let longestShift = Option(
    "longest-shift", .number("HOURS", in: 0...24), default: DayRules().longestShift,
    help: "a day that is still open is closed by the next day's first punch within so many hours; 0: never",
    environment: "ROLLCALL_LONGEST_SHIFT")
  static let narrowing: [any AnyOption] = [
    from, to, person, group, camera, mask, status, layout, policy, cooldown, dayStart, longestShift, Common.timeZone,
  ]

  static let days = """
    A punch is what happens of a person within the cooldown: sightings, marks, and a whole visit however long. A day \
    has the punches that begin in it. A night shift belongs to the day on which it begins: a day that is still open \
    (one punch, or with --policy every an odd number) takes the person's next punch as its way out, if that comes \
    within --longest-shift.
    """

  static let command = Command(
    "attendance", summary: "read, correct and export the log", synonyms: ["log", "events", "sightings"],
    verbs: [
      AttendanceList.command, AttendanceExport.command, AttendanceMark.command, AttendanceVoid.command,
      AttendanceMasks.command, AttendanceSnapshot.command,
    ],
    examples: [
      .init("who was here today?", "rollcall attendance list --from 2026-09-01 --layout daily"),
      .init(
        "a month for the office",
        "rollcall attendance export --layout daily --from 2026-09-01 --to 2026-09-30 --output payroll.xlsx"),
      .init(
        "somebody left while the camera was dark",
        "rollcall attendance mark 1042 --out --time 17:05 --by Ann --reason \"power cut\""),
    ])

  /// The log, with the rules for days from the options.
  static func log(_ invocation: Invocation, _ store: Store) -> AttendanceLog {
    AttendanceLog(
      store: store, timeZone: Common.zone(invocation),
      rules: DayRules(
        policy: invocation[policy], cooldown: invocation[cooldown], dayStart: invocation[dayStart] ?? 0,
        longestShift: invocation[longestShift]))
  }

  /// The query from the options.
  static func query(_ invocation: Invocation) throws -> AttendanceLog.Query {
    try checkDays(invocation)
    return AttendanceLog.Query(
      from: invocation[from], to: invocation[to], personID: invocation[person], group: invocation[group],
      status: invocation[status], camera: invocation[camera], mask: invocation[mask])
  }

  /// Rejects a bad date before a database is opened.
  static func checkDays(_ invocation: Invocation) throws {
    for option in [from, to] {
      guard let day = invocation[option] else { continue }
      _ = try invocation.checked { try Timestamp.parseDay(day, in: .gmt) }
    }
  }

  /// Reports ways in without a way out, and what to do about them.
  static func reportEnd(of exported: AttendanceLog.Exported) {
    guard exported.incomplete > 0 else { return }
    let (what, have) =
      exported.incomplete == 1 ? ("1 way in or out", "has") : ("\(exported.incomplete) ways in or out", "have")
    Diagnostics.note(
      "\(what) \(have) no counterpart; to enter one: rollcall attendance mark ID --out --time TIME --by NAME "
        + "--reason TEXT"
    )
  }
}

/// `rollcall attendance list`
enum AttendanceList: Verb {
  static let path = "attendance list"
  static let command = Command(
    "list", summary: "show the log on the screen",
    description: """
      \(AttendanceGroup.days)

      With --layout events, the last column has the id that rollcall attendance void takes.
      """, synonyms: ["ls", "show"], options: AttendanceGroup.narrowing,
    examples: [
      .init("everything", "rollcall attendance list"),
      .init(
        "first-in and last-out of a week", "rollcall attendance list --layout daily --from 2026-09-07 --to 2026-09-11"),
      .init("who came without a mask?", "rollcall attendance list --mask none --camera door"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let query = try AttendanceGroup.query(invocation)
    let store = try Common.openLog(invocation)
    defer { store.close() }
    let log = AttendanceGroup.log(invocation, store)
    let zone = log.timeZone
    var table: TextTable
    var rows = 0
    switch invocation[AttendanceGroup.layout] {
    case .events:
      table = TextTable([
        .init("time"), .init("id"), .init("name"), .init("kind"), .init("status"), .init("mask"), .init("where"),
        .init("event", isWhole: true),
      ])
      try log.forEachEntry(query) { entry in
        table.add(
          [Timestamp.string(from: entry.time, in: zone), entry.personID ?? "", entry.name ?? ""] + details(entry)
            + [entry.id])
        rows += 1
      }
    case .daily:
      table = TextTable([
        .init("date"), .init("id"), .init("name"), .init("first in"), .init("last out"), .init("hours", .right),
        .init("sightings", .right), .init("masked", .right),
      ])
      try log.forEachDay(query) { day in
        table.add([
          day.date, day.personID, day.name, day.firstIn.map { Timestamp.string(from: $0, in: zone) } ?? "",
          day.lastOut.map { Timestamp.string(from: $0, in: zone) } ?? "", day.hours.map(clock) ?? "",
          String(day.events), day.maskShare.map { "\(Int(($0 * 100).rounded())) %" } ?? "",
        ])
        rows += 1
      }
    case .frappe, .odoo:
      table = TextTable(invocation[AttendanceGroup.layout].columns.map { .init($0) })
      rows = try log.forEachTextRow(query, layout: invocation[AttendanceGroup.layout]) { table.add($0) }.rows
    }
    guard rows > 0 else {
      Diagnostics.note("nothing in the log for this; rollcall identify PICTURES --attendance writes to it")
      return 0
    }
    try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    return 0
  }

  /// For an event its kind, status, mask and place; for a mark its author.
  private static func details(_ entry: AttendanceLog.Entry) -> [String] {
    let void = entry.voiding == nil ? "" : " (void)"
    switch entry.record {
    case .event(let event):
      return [
        event.kind.rawValue + void, event.status.rawValue, event.mask?.rawValue ?? "", event.source.name,
      ]
    case .mark(let mark): return [mark.direction.rawValue + void, "", "", "by \(mark.by)"]
    }
  }

  /// Hours as on a clock, such as "8:05".
  private static func clock(_ hours: Double) -> String {
    let minutes = Int((hours * 60).rounded())
    return "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
  }
}

/// `rollcall attendance export`
enum AttendanceExport: Verb {
  static let path = "attendance export"

  enum Format: String, CaseIterable, Sendable {
    case csv
    case xlsx
    case jsonl
  }

  private static let format = Option(
    "format", .choice(of: Format.self), help: "the kind of file (default: what the ending of --output says, else csv)")
  private static let file = Option("output", .text("FILE"), help: "where to write (default: standard output)")
  static let command = Command(
    "export", summary: "write the log as a file for payroll, a spreadsheet or another program",
    description: """
      \(AttendanceGroup.days)

      CSV follows RFC 4180; times are ISO 8601 with the offset of the time zone, which spreadsheet programs take for \
      texts. Cells that they would run as a formula are made text by an apostrophe. XLSX has real dates, times and \
      durations, as clocks in the time zone show them. Unknown and forgotten people have empty cells for ID and name.

      mask is what covered the face: mask, incorrect, covering, none or unsure. mask_share is the share of a person's \
      sightings of the day with a mask worn over mouth, nose and chin, 0 to 1, among those that show it (the unsure \
      ones do not count). hours is empty for somebody who was met once.

      frappe is what Frappe HR's Employee Checkin takes, by the attendance device ID; its times are those of the time \
      zone, which has to be that of the site. odoo is for hr.attendance. Its times are UTC, as Odoo keeps them: import \
      them as a user whose time zone is UTC, because Odoo's import reads times in the zone of who imports. Odoo takes \
      one way in without a way out per person, the last.
      """,
    options: AttendanceGroup.narrowing + [format, file],
    examples: [
      .init(
        "a month, first-in and last-out",
        "rollcall attendance export --layout daily --from 2026-09-01 --to 2026-09-30 --output payroll.xlsx"),
      .init("every sighting, for a program", "rollcall attendance export --format jsonl"),
      .init(
        "for Odoo, breaks taken out",
        "rollcall attendance export --layout odoo --policy every --output september.csv"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let query = try AttendanceGroup.query(invocation)
    let layout = invocation[AttendanceGroup.layout]
    let path = invocation[file]
    let ending = path.flatMap { Format(rawValue: ($0 as NSString).pathExtension.lowercased()) }
    let format = invocation[format] ?? ending ?? .csv
    if format == .xlsx, path == nil {
      throw invocation.refuse("a spreadsheet needs a file to be written to: add --output FILE.xlsx")
    }
    let store = try Common.openLog(invocation)
    defer { store.close() }
    let log = AttendanceGroup.log(invocation, store)
    func text(_ write: (String) throws -> Void) throws -> AttendanceLog.Exported {
      try log.export(query, layout: layout, format: format == .jsonl ? .jsonl : .csv, to: write)
    }
    let exported: AttendanceLog.Exported
    if let path {
      exported =
        format == .xlsx
        ? try WholeFile.write(path) { try log.exportSpreadsheet(query, layout: layout, to: $0) }
        : try WholeFile.writeText(path, text)
      Diagnostics.note("\(exported.rows) row\(exported.rows == 1 ? "" : "s") written to \(path)")
    } else {
      exported = try text { try Output.standard.write($0) }
    }
    AttendanceGroup.reportEnd(of: exported)
    return 0
  }
}
