import Attendance
import Foundation
import Formats
import Store
import Testing
import Values

let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

/// A store of its own for one test, and short ways to write to it.
struct TestLog {
  let store: Store
  let folder: URL

  func log(_ rules: DayRules = DayRules(), in zone: TimeZone = berlin) -> AttendanceLog {
    AttendanceLog(store: store, timeZone: zone, rules: rules)
  }

  func enroll(_ id: String, _ name: String? = nil, groups: [String] = []) throws {
    _ = try store.addTemplates(
      [], personID: id, name: name ?? "Person \(id)", groups: groups,
      consent: Consent(text: "yes", date: Date(timeIntervalSince1970: 0)))
  }

  /// Records a face at a local time.
  func see(
    _ person: String?, _ time: String, id: String? = nil, kind: Event.Kind = .photo,
    at source: Event.Source = .camera("door"), status: FaceStatus? = nil, mask: MaskLabel? = nil
  ) throws {
    let event = Event(
      id: id ?? "\(person ?? "")@\(time)", kind: kind, time: try Timestamp.parse(time, assuming: berlin),
      source: source,
      personID: person, status: status ?? (person == nil ? .unknown : .known), method: person == nil ? nil : .face,
      confidence: person == nil ? nil : 0.912_345, box: Rect(x: 1, y: 2, width: 3, height: 4), mask: mask)
    #expect(try store.insertEvents([event]) == 1)
  }

  /// Records a visit at a camera from one local time to another.
  func visit(_ person: String?, _ number: Int, from: String, to: String, camera: String = "door") throws {
    try see(person, from, id: "live:run:\(number):arrival", kind: .arrival, at: .camera(camera), mask: .mask)
    try see(person, to, id: "live:run:\(number):seen", kind: .seen, at: .camera(camera), mask: .mask)
  }

  /// Enters a way in or out by hand. Returns its id.
  @discardableResult
  func mark(_ person: String, _ direction: Mark.Direction, _ time: String, reason: String = "badge") throws -> String {
    let mark = Mark(
      personID: person, direction: direction, time: try Timestamp.parse(time, assuming: berlin), by: "Ann",
      reason: reason)
    try store.insert(mark)
    return mark.id
  }

  func void(_ event: String) throws {
    #expect(try store.insert(Voiding(eventID: event, by: "Bo", reason: "not her")))
  }

  /// Days, each as "DATE ID IN-OUT HOURS", with local times and, where another day's, dates.
  func days(_ rules: DayRules = DayRules(), _ query: AttendanceLog.Query = .init()) throws -> [String] {
    var rows: [String] = []
    try log(rules).forEachDay(query) { day in
      func clock(_ date: Date?) -> String {
        guard let date else { return "?" }
        let text = Timestamp.clock(date, in: berlin)
        return text.hasPrefix(day.date) ? String(text.dropFirst(11)) : text
      }
      let hours = day.hours.map { String(format: "%.2f", $0) } ?? "-"
      rows.append("\(day.date) \(day.personID) \(clock(day.firstIn))-\(clock(day.lastOut)) \(hours)")
    }
    return rows
  }
}

/// Opens the store of a new folder, with people 1 and 2, and closes it after the test.
func withLog(_ body: (TestLog) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "rollcall-log-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let store = try Store.open(.embedded(dataFolder: folder))
  defer { store.close() }
  let log = TestLog(store: store, folder: folder)
  for id in ["1", "2"] { try log.enroll(id) }
  try body(log)
}

/// A log with a few people and events around the night in which Berlin sets its clocks back.
func withEvents(_ body: (AttendanceLog) throws -> Void) throws {
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
    try log.see("7", "2026-10-25T10:00:00Z", id: "live:r:1:arrival", kind: .arrival, mask: MaskLabel.none)
    try log.see("7", "2026-10-25T10:00:01Z", id: "live:r:1:mask:1", kind: .mask, mask: .covering)
    try log.see("7", "2026-10-25T22:59:59Z", id: "live:r:1:seen", kind: .seen, mask: .unsure)
    try log.see("gone", "2026-10-25T23:00:00Z", id: "f")
    try log.see(nil, "2026-10-26T08:00:00Z", id: "g", status: .poor)
    _ = try log.store.forget(id: "gone")
    try body(log.log())
  }
}

/// A day with a break, one without an end, and one of which only the end is known.
func withShifts(_ body: (TestLog) throws -> Void) throws {
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
