import Attendance
import Foundation
import Formats
import Store
import Testing
import Values

@Suite("The attendance log", .serialized)
struct AttendanceLogTests {
  @Test("a day's mask share counts masks among the sightings that show it, and is empty when none does")
  func maskShare() throws {
    try withEvents { log throws in
      var days: [AttendanceLog.Day] = []
      try log.forEachDay(.init(personID: "7")) { days.append($0) }
      // The first two are a millisecond apart: one punch. The end of the visit is no event of its own.
      #expect(days.map(\.events) == [2, 2])
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

  @Test("the log is narrowed by its first and last day, which are part of it, and by what was seen of whom")
  func narrowed() throws {
    try withEvents { log throws in
      func ids(_ query: AttendanceLog.Query) throws -> [String] {
        var ids: [String] = []
        try log.forEachEntry(query) { ids.append($0.id) }
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
        try log.log().forEachEntry(query) { ids.append($0.id) }
        #expect(ids == expected)
      }
    }
  }

  @Test("a day that is none, and a last day before the first, are refused with what to write")
  func badDays() throws {
    try withLog { log throws in
      let log = log.log()
      #expect(throws: Timestamp.Failure.self) { try log.forEachEntry(.init(from: "21.11.2026")) { _ in } }
      let reversed = AttendanceError.daysReversed(from: "2026-10-25", to: "2026-10-24")
      #expect(throws: reversed) { try log.forEachDay(.init(from: "2026-10-25", to: "2026-10-24")) { _ in } }
      #expect(reversed.description.contains("2026-10-24 is before 2026-10-25"))
    }
  }

  @Test("a photo's faces have ids of their own, the same at every run")
  func sightingIDs() {
    let digest = String(repeating: "ab", count: 32)
    let id = EventID.photo(digest: digest, box: Rect(x: 10.4, y: -0.4, width: 80.6, height: 90))
    #expect(id == "photo:\(digest):10,0,81,90")
    #expect(id != EventID.photo(digest: digest, box: Rect(x: 11, y: 0, width: 81, height: 90)))
  }
}
