import Attendance
import Foundation
import Formats
import Store
import Testing
import Values

@Suite("The log in pages", .serialized)
struct PageTests {
  /// All pages, each handed the place of the one before.
  private func pages<Item>(_ page: (String?) throws -> Page<Item>) throws -> [[Item]] {
    var pages: [[Item]] = []
    var place: String?
    repeat {
      let page = try page(place)
      pages.append(page.items)
      place = page.next
    } while place != nil
    return pages
  }

  private func check<Item: Equatable & Sendable>(
    _ whole: [Item], limits: some Sequence<Int>, _ page: (String?, Int) throws -> Page<Item>,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    for limit in limits {
      let pages = try pages { try page($0, limit) }
      #expect(pages.flatMap { $0 } == whole, "\(limit)", sourceLocation: location)
      #expect(pages.dropLast().allSatisfy { $0.count == limit }, "\(limit)", sourceLocation: location)
    }
  }

  /// Events and marks, some of them at one moment.
  private func fill(_ log: TestLog) throws {
    for (number, time) in ["08:00", "08:00", "09:30", "09:30", "12:00"].enumerated() {
      try log.see("1", "2026-11-20T\(time)", id: "s\(number)", mask: number == 1 ? .mask : nil)
      try log.mark("2", number.isMultiple(of: 2) ? .in : .out, "2026-11-20T\(time)")
    }
    try log.see("2", "2026-11-21T09:00:00.001", id: "t", at: .camera("hall"))
    try log.see(nil, "2026-11-21T09:00:00.002", id: "u")
    try log.mark("1", .in, "2026-11-21T09:00:00.001")
    try log.visit("1", 1, from: "2026-11-22T08:00", to: "2026-11-22T17:00")
    try log.void("s2")
  }

  @Test("pages of any size hold each event once, in the order of the log")
  func events() throws {
    try withLog { log throws in
      try fill(log)
      let log = log.log()
      for query in [
        AttendanceLog.Query(), .init(from: "2026-11-20", to: "2026-11-20"), .init(personID: "2"), .init(camera: "hall"),
        .init(status: .known), .init(from: "2026-11-21"), .init(mask: .mask), .init(group: "nobody's"),
      ] {
        var whole: [AttendanceLog.Entry] = []
        try log.forEachEntry(query) { whole.append($0) }
        try check(whole, limits: 1...8) { try log.entries(query, after: $0, limit: $1) }
      }
    }
  }

  @Test("pages hold marks that are more than fit into memory at once")
  func manyMarks() throws {
    try withLog { log throws in
      let start = Date(timeIntervalSince1970: 1_790_000_000)
      for number in 0..<1203 {
        try log.store.insert(
          Mark(personID: "1", direction: .in, time: start + Double(number / 3), by: "Ann", reason: "x"))
      }
      let log = log.log()
      var whole: [AttendanceLog.Entry] = []
      try log.forEachEntry { whole.append($0) }
      try check(whole, limits: [100, 599, 1203, 5000]) { try log.entries(after: $0, limit: $1) }
    }
  }

  @Test("the next page begins where the last one ended, also when events came meanwhile")
  func growing() throws {
    try withLog { log throws in
      for hour in ["08", "10", "12"] { try log.see("1", "2026-11-20T\(hour):00", id: hour) }
      let first = try log.log().entries(limit: 2)
      #expect(first.items.map(\.id) == ["08", "10"])
      try log.see("2", "2026-11-20T09:00", id: "09")
      try log.see("2", "2026-11-20T11:00", id: "11")
      #expect(try log.log().entries(after: first.next, limit: 9).items.map(\.id) == ["11", "12"])
    }
  }

  @Test("pages of any size hold each day of each person once, night shifts among them")
  func days() throws {
    try withLog { log throws in
      try fill(log)
      try log.see("1", "2026-11-23T22:00")
      try log.see("1", "2026-11-24T06:00")
      try log.see("2", "2026-11-24T07:00")
      try log.see("1", "2026-11-25T07:00")
      let log = log.log()
      for query in [
        AttendanceLog.Query(), .init(from: "2026-11-21", to: "2026-11-24"), .init(personID: "1"),
        .init(to: "2026-11-20"),
      ] {
        var whole: [AttendanceLog.Day] = []
        try log.forEachDay(query) { whole.append($0) }
        #expect(!whole.isEmpty)
        try check(whole, limits: 1...8) { try log.days(query, after: $0, limit: $1) }
      }
      #expect(throws: Timestamp.Failure.self) { try log.days(.init(from: "tomorrow"), limit: 1) }
    }
  }

  @Test("a place that was not given out, or was given out for another list, is refused")
  func garbled() throws {
    try withLog { log throws in
      try fill(log)
      let log = log.log()
      let (event, day) = (try log.entries(limit: 1).next, try log.days(limit: 1).next)
      #expect(try log.entries(after: event, limit: 1).items.map(\.id) == ["s1"])
      #expect(try log.days(after: day, limit: 1).items.map(\.personID) == ["2"])
      let text = try #require(event)
      for place in ["", "x", "=", "AAAA", text + "A", String(text.dropLast(3)), String(text.reversed())] {
        #expect(throws: AttendanceError.unknownPlace) { try log.entries(after: place, limit: 1) }
        #expect(throws: AttendanceError.unknownPlace) { try log.days(after: place, limit: 1) }
      }
      #expect(throws: AttendanceError.unknownPlace) { try log.entries(after: day, limit: 1) }
      #expect(throws: AttendanceError.unknownPlace) { try log.days(after: event, limit: 1) }
    }
  }
}
