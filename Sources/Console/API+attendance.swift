import Attendance
import Formats
import Foundation
import HTTP
import Store

extension Services {
  private static let from = Endpoint.Parameter("from", .day(), "The first day, such as 2026-11-25.")
  private static let to = Endpoint.Parameter("to", .day(), "The last day, which is part of it.")
  private static let person = Endpoint.Parameter("person", .text(1...128), "Only this person: an id.")
  private static let group = Endpoint.Parameter("group", .text(1...200), "Only people in this group.")
  private static let camera = Endpoint.Parameter("camera", .text(1...200), "Only what this camera saw.")
  private static let status = Endpoint.Parameter(
    "status", .choice(Sighting.Status.allCases.map(\.rawValue)), "Only faces of this kind.")
  private static let mask = Endpoint.Parameter("mask", .choice(Shapes.masks), "Only faces with this label.")
  private static let narrowing = [from, to, person, group, camera, status, mask]
  private static let reason = Schema.text(1...500, about: "Why.")

  /// The log, what is corrected in it, and what is made of it.
  var attendance: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/attendance/events", name: "listEvents",
        summary: "Events and marks, in the order of time",
        door: .holder(of: .view), query: Self.narrowing + [Shapes.limit, Shapes.after],
        answers: [200: .json(Shapes.page("Entry"))]
      ) { call in
        try noteLook(call)
        let page = try log.events(query(call), after: call.text("after"), limit: call.limit)
        let pictures = try store.snapshotIDs(among: page.items.map(\.id))
        return .json(Self.page(page.items.map { json($0, hasPicture: pictures.contains($0.id)) }, page.next))
      },
      Endpoint(
        method: "GET", path: "/attendance/days", name: "listDays", summary: "People's days: in, out, hours, masks",
        door: .holder(of: .view), query: [Self.from, Self.to, Self.person, Self.group, Shapes.limit, Shapes.after],
        answers: [200: .json(Shapes.page("Day"))]
      ) { call in
        try noteLook(call)
        let page = try log.days(query(call), after: call.text("after"), limit: call.limit)
        return .json(Self.page(page.items.map(json), page.next))
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
            .object([
              .init("id", .text()),
              .init("voided", .object([.init("by", .text()), .init("reason", .text()), .init("time", .time())])),
            ]))
        ], problems: [404: "There is no such event.", 409: "It does not count already."], keepsAnswer: true
      ) { call in
        let voiding = Voiding(
          eventID: call.path("id"), by: try call.known().name, reason: call.body["reason"]?.string ?? "")
        try audit.change(.void, .other(voiding.eventID), by: call.known()) {
          guard try store.insert(voiding) else { throw Problem(409, "It was void already. Nothing is changed.") }
        }
        return .json(["id": .string(voiding.eventID), "voided": json(voiding)], status: 201)
      },
      Endpoint(
        method: "GET", path: "/attendance/masks", name: "countMasks", summary: "How often masks were worn",
        door: .holder(of: .view), query: [Self.from, Self.to, Self.group, Self.camera],
        answers: [
          200: .json(
            .object([
              .init("total", .named("Tally")),
              .init("days", .list(.object([.init("day", .day())] + Shapes.counts))),
              .init("hours", .list(.object([.init("hour", .whole(0...23))] + Shapes.counts))),
              .init("cameras", .list(.object([.init("camera", .text())] + Shapes.counts))),
            ]))
        ]
      ) { call in
        let masks = try log.maskCompliance(query(call))
        return .json([
          "total": .object(Self.counts(masks.total)),
          "days": .array(
            masks.days.sorted { $0.key < $1.key }.map { .object([.init("day", .string($0))] + Self.counts($1)) }),
          "hours": .array(
            masks.hours.sorted { $0.key < $1.key }.map { .object([.init("hour", .int($0))] + Self.counts($1)) }),
          "cameras": .array(
            masks.cameras.sorted { $0.key < $1.key }.map { .object([.init("camera", .string($0))] + Self.counts($1)) }),
        ])
      },
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

  // MARK: Asking

  private func query(_ call: Call) -> AttendanceLog.Query {
    AttendanceLog.Query(
      from: call.text("from"), to: call.text("to"), personID: call.text("person"), group: call.text("group"),
      status: call.text("status").flatMap(Sighting.Status.init), camera: call.text("camera"),
      mask: call.text("mask").flatMap(Sighting.Mask.init))
  }

  /// Somebody reads the log. What follows the first part of a list is the same look.
  private func noteLook(_ call: Call) throws {
    guard call.text("after") == nil else { return }
    let days = Self.days(query(call))
    try audit.record(
      .look, call.text("person").map { .person($0) }, detail: days.isEmpty ? "all days" : days, by: call.known())
  }

  /// Which days a query is about, for the audit log; "" for all.
  private static func days(_ query: AttendanceLog.Query) -> String {
    [query.from.map { "from \($0)" }, query.to.map { "to \($0)" }].compactMap { $0 }.joined(separator: " ")
  }

  private func mark(_ call: Call) throws -> Response {
    guard let person = call.body["person"]?.string,
      let direction = call.body["direction"]?.string.flatMap(Mark.Direction.init),
      let time = call.body["time"]?.string.flatMap(Schema.moment), let reason = call.body["reason"]?.string
    else { throw Problem(422, "A mark needs a person, a direction, a time and a reason.") }
    // A browser's clock may be a little ahead.
    guard time <= Date(timeIntervalSinceNow: 120) else {
      throw Problem(
        422, "The time has not come yet. Marks are of what has happened.",
        members: [.init("errors", [["pointer": "/time", "detail": "This has not come yet."]])])
    }
    let mark = Mark(personID: person, direction: direction, time: time, by: try call.known().name, reason: reason)
    try audit.change(.mark, .person(person), detail: mark.id, by: call.known()) { try store.insert(mark) }
    let groups = try store.person(id: person)?.groups ?? []
    return .json(
      .object(
        members(mark, name: people.current.names[person])
          + [.init("groups", .array(groups.map(JSONValue.string))), .init("voided", .null)]), status: 201)
  }

  private func export(_ call: Call) throws -> Response {
    let layout = call.text("layout").flatMap(AttendanceLog.Layout.init) ?? .events
    let format = call.text("format") ?? "csv"
    let query = query(call)
    // Refused before anything is sent.
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

  /// A spreadsheet, which is a whole file before its first byte can be sent. Nobody else of this machine may read it meanwhile.
  private func sheet(_ query: AttendanceLog.Query, _ layout: AttendanceLog.Layout) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rollcall-" + UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("export.xlsx")
    _ = try log.exportSpreadsheet(query, layout: layout, to: file.path)
    return try Data(contentsOf: file)
  }

  // MARK: Telling

  static func page(_ items: [JSONValue], _ next: String?) -> JSONValue {
    ["items": .array(items), "next": .optional(next)]
  }

  func time(_ date: Date) -> JSONValue { .string(Timestamp.string(from: date, in: timeZone)) }
  func time(_ date: Date?) -> JSONValue { date.map { time($0) } ?? .null }

  private static func rounded(_ number: Double) -> Double { (number * 10_000).rounded() / 10_000 }

  private func members(_ mark: Mark, name: String?) -> [JSONValue.Member] {
    [
      .init("id", .string(mark.id)), .init("kind", "mark"), .init("time", time(mark.time)),
      .init("person", Happening.person(mark.personID, name)), .init("direction", .string(mark.direction.rawValue)),
      .init("by", .string(mark.by)), .init("reason", .string(mark.reason)),
    ]
  }

  private func json(_ event: AttendanceLog.Event, hasPicture: Bool) -> JSONValue {
    var members: [JSONValue.Member]
    switch event.entry {
    case .sighting(let sighting):
      members = Happening(sighting, name: event.name, hasPicture: hasPicture, zone: timeZone).members
    case .mark(let mark): members = self.members(mark, name: event.name)
    }
    members.append(.init("groups", .array(event.groups.map(JSONValue.string))))
    members.append(.init("voided", event.voiding.map { json($0) } ?? .null))
    return .object(members)
  }

  private func json(_ voiding: Voiding) -> JSONValue {
    ["by": .string(voiding.by), "reason": .string(voiding.reason), "time": time(voiding.recorded)]
  }

  private func json(_ day: AttendanceLog.Day) -> JSONValue {
    func passage(_ passage: AttendanceLog.Passage?) -> JSONValue {
      passage.map { ["time": time($0.time), "place": .optional($0.place)] } ?? .null
    }
    return [
      "date": .string(day.date), "person": Happening.person(day.personID, day.name),
      "groups": .array(day.groups.map(JSONValue.string)), "in": time(day.firstIn), "out": time(day.lastOut),
      "hours": .optional(day.hours.map(Self.rounded)),
      "stays": .array(day.stays.map { ["in": passage($0.checkIn), "out": passage($0.checkOut)] }),
      "maskShare": .optional(day.maskShare.map(Self.rounded)), "sightings": .int(day.sightings),
    ]
  }

  private static func counts(_ tally: MaskCompliance.Tally) -> [JSONValue.Member] {
    Sighting.Mask.allCases.map { .init($0.rawValue, .int(tally[$0])) } + [
      .init("share", .optional(tally.labelled > 0 ? rounded(Double(tally[.mask]) / Double(tally.labelled)) : nil))
    ]
  }
}
