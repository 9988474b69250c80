import Access
import Attendance
import Enroll
import Faces
import Formats
import Foundation
import HTTP
import Store
import Values
import Wire

extension Services {
  private static let from = Endpoint.Parameter("from", .day(), "The first day, such as 2026-11-25.")
  private static let to = Endpoint.Parameter("to", .day(), "The last day, which is part of it.")
  private static let person = Endpoint.Parameter("person", .text(1...128), "Only this person: an id.")
  private static let group = Endpoint.Parameter("group", .text(1...200), "Only people in this group.")
  private static let camera = Endpoint.Parameter("camera", .text(1...200), "Only what this camera saw.")
  private static let status = Endpoint.Parameter(
    "status", .choice(FaceStatus.logged.map(\.rawValue)), "Only faces of this kind.")
  private static let mask = Endpoint.Parameter("mask", .choice(WireFormat.maskLabels), "Only faces with this label.")
  private static let narrowing = [from, to, person, group, camera, status, mask]
  private static let reason = JSONSchema.text(1...500, about: "Why.")

  /// The endpoints of the attendance log: reading, correcting and exporting it.
  var attendance: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/attendance/events", name: "listEvents",
        summary: "Events and marks, in the order of time",
        door: .holder(of: .view), query: Self.narrowing + [Shapes.limit, Shapes.after],
        answers: [200: .json(Shapes.page("Entry"))]
      ) { call in
        try noteLook(call)
        let page = try log.entries(query(call), after: call.text("after"), limit: call.limit)
        let pictures = try store.snapshotIDs(among: page.items.map(\.id))
        return .json(Self.page(page.items.map { wire.json($0, hasPicture: pictures.contains($0.id)) }, page.next))
      },
      Endpoint(
        method: "GET", path: "/attendance/days", name: "listDays", summary: "People's days: in, out, hours, masks",
        door: .holder(of: .view), query: [Self.from, Self.to, Self.person, Self.group, Shapes.limit, Shapes.after],
        answers: [200: .json(Shapes.page("Day"))]
      ) { call in
        try noteLook(call)
        let page = try log.days(query(call), after: call.text("after"), limit: call.limit)
        return .json(Self.page(page.items.map { wire.json($0) }, page.next))
      },
      Endpoint(
        method: "POST", path: "/attendance/marks", name: "addMark", summary: "Enter by hand that somebody came or left",
        door: .holder(of: .correct),
        content: .json(
          .object([
            .init("person", .text(1...128, about: "The person's id.")),
            .init("direction", .choice(Mark.Direction.allCases.map(\.rawValue))), .init("time", .time()),
            .init("reason", Self.reason),
          ])),
        answers: [201: .json(.named("Entry"))],
        problems: [404: "There is no such person.", 422: "The time has not come yet."], keepsAnswer: true
      ) { call in try mark(call) },
      Endpoint(
        method: "POST", path: "/attendance/events/{id}/void", name: "voidEvent",
        summary: "Say that an event or a mark does not count", door: .holder(of: .correct),
        content: .json(.object([.init("reason", Self.reason)])),
        answers: [
          201: .json(
            .object([.init("id", .text()), .init("voided", WireFormat.voidingSchema)]))
        ], problems: [404: "There is no such event.", 409: "It does not count already."], keepsAnswer: true
      ) { call in
        let voiding = Voiding(
          eventID: call.path("id"), by: try call.known().name, reason: try call.body(as: NewVoiding.self).reason)
        try audit.change(.void, .other(voiding.eventID), by: call.known()) {
          guard try store.insert(voiding) else { throw Problem(409, "It was void already. Nothing is changed.") }
        }
        return .json(["id": .string(voiding.eventID), "voided": wire.json(voiding)], status: 201)
      },
      Endpoint(
        method: "GET", path: "/attendance/masks", name: "countMasks", summary: "How often masks were worn",
        door: .holder(of: .view), query: [Self.from, Self.to, Self.group, Self.camera],
        answers: [200: .json(WireFormat.masksSchema)]
      ) { call in .json(WireFormat.json(try log.maskCompliance(query(call)))) },
      Endpoint(
        method: "GET", path: "/attendance/export", name: "exportLog", summary: "The log as a file",
        door: .holder(of: .view),
        query: [
          .init("layout", .choice(AttendanceLog.Layout.allCases.map(\.rawValue)), "events, daily, frappe or odoo."),
          .init("format", .choice(["csv", "xlsx", "jsonl"]), "csv, xlsx or jsonl."),
        ] + Self.narrowing,
        answers: [200: .bytes(["text/csv", Self.spreadsheet, "application/jsonl"])],
        fields: ["Content-Disposition": "The file's name."]
      ) { call in try export(call) },
    ]
  }

  private static let spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

  // MARK: Queries

  private func query(_ call: Call) -> AttendanceLog.Query {
    AttendanceLog.Query(
      from: call.text("from"), to: call.text("to"), personID: call.text("person"), group: call.text("group"),
      status: call.text("status").flatMap { FaceStatus(rawValue: $0) }, camera: call.text("camera"),
      mask: call.text("mask").flatMap { MaskLabel(rawValue: $0) })
  }

  /// Records in the audit log that the caller read the attendance log.
  ///
  /// Only the first part of a list is recorded. The parts after it belong to the same access.
  private func noteLook(_ call: Call) throws {
    guard call.text("after") == nil else { return }
    let days = Self.days(query(call))
    try audit.record(
      .look, call.text("person").map { .person($0) }, detail: days.isEmpty ? "all days" : days, by: call.known())
  }

  /// The days of a query, for the audit log; "" if it covers all days.
  private static func days(_ query: AttendanceLog.Query) -> String {
    [query.from.map { "from \($0)" }, query.to.map { "to \($0)" }].compactMap { $0 }.joined(separator: " ")
  }

  private func mark(_ call: Call) throws -> Response {
    let new = try call.body(as: NewMark.self)
    guard let time = JSONSchema.moment(new.time) else { throw Problem(422, "The time cannot be read.") }
    // A browser's clock may be a little ahead.
    guard time <= Date(timeIntervalSinceNow: 120) else {
      throw Problem(
        422, "The time has not come yet. Marks are of what has happened.",
        members: [.init("errors", [["pointer": "/time", "detail": "This has not come yet."]])])
    }
    let mark = Mark(
      personID: new.person, direction: new.direction, time: time, by: try call.known().name, reason: new.reason)
    try audit.change(.mark, .person(new.person), detail: mark.id, by: call.known()) { try store.insert(mark) }
    let entry = AttendanceLog.Entry(
      record: .mark(mark), name: roster.roster.current.names[new.person],
      groups: try store.person(id: new.person)?.groups ?? [], voiding: nil)
    return .json(wire.json(entry, hasPicture: false), status: 201)
  }

  private func export(_ call: Call) throws -> Response {
    let layout = call.text("layout").flatMap(AttendanceLog.Layout.init) ?? .events
    let format = call.text("format") ?? "csv"
    let query = query(call)
    // A bad query is rejected before the response begins.
    try log.check(query)
    let days = Self.days(query)
    try audit.record(
      .export, query.personID.map { .person($0) },
      detail: "\(layout.rawValue), \(format)" + (days.isEmpty ? "" : " " + days), by: call.known())
    let span = [query.from, query.to].compactMap { $0 }.joined(separator: "-to-")
    let name = (["rollcall", layout.rawValue] + (span.isEmpty ? [] : [span])).joined(separator: "-") + ".\(format)"
    var headers: Headers = [
      "Content-Disposition": "attachment; filename=\"\(name)\"", "Cache-Control": "no-store",
    ]
    guard format != "xlsx" else {
      headers["Content-Type"] = Self.spreadsheet
      return Response(headers: headers, body: .data(try sheet(query, layout)))
    }
    headers["Content-Type"] = format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl"
    let (log, text) = (log, format == "csv" ? AttendanceLog.TextFormat.csv : .jsonl)
    return Response(
      headers: headers,
      body: .produced { stream in
        var part = ""
        _ = try log.export(query, layout: layout, format: text) { row in
          part += row
          guard part.utf8.count > 32 << 10 else { return }
          try stream.write(Data(part.utf8))
          part = ""
        }
        try stream.write(Data(part.utf8))
      })
  }

  /// The log as a spreadsheet. The whole file must exist before its first byte is sent.
  ///
  /// It is written to a folder that other users of this machine cannot read.
  private func sheet(_ query: AttendanceLog.Query, _ layout: AttendanceLog.Layout) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rollcall-" + UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("export.xlsx")
    _ = try log.exportSpreadsheet(query, layout: layout, to: file.path)
    return try Data(contentsOf: file)
  }

  // MARK: Responses

  static func page(_ items: [JSONValue], _ next: String?) -> JSONValue {
    ["items": .array(items), "next": .optional(next)]
  }
}
