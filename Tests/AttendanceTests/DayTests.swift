import Attendance
import Foundation
import Formats
import Store
import Testing

@Suite("Days", .serialized)
struct DayTests {
  @Test(
    "events and marks within the cooldown are one punch, and a day has the first one's beginning and the last one's end"
  )
  func cooldown() throws {
    try withLog { log throws in
      for time in ["08:00:00", "08:01:30", "08:03:30", "12:00:00", "17:00:00", "17:01:59"] {
        try log.see("1", "2026-11-21T\(time)")
      }
      #expect(try log.days() == ["2026-11-21 1 08:00:00-17:01:59 9.03"])
      // With every punch counting, the first three events are one.
      #expect(try log.days(.init(policy: .every, longestShift: 0)) == ["2026-11-21 1 08:00:00-12:00:00 4.00"])
      var stays: [[String?]] = []
      try log.log(.init(policy: .every, cooldown: 100, longestShift: 0)).forEachDay { day in
        stays += day.stays.map { stay in
          [stay.checkIn, stay.checkOut].map { $0.map { String(Timestamp.clock($0.time, in: berlin).dropFirst(11)) } }
        }
      }
      #expect(stays == [["08:00:00", "08:03:30"], ["12:00:00", "17:00:00"], ["17:01:59", nil]])
    }
  }

  @Test("a visit is one punch, however long it lasts, and what happens at other cameras meanwhile is part of it")
  func visits() throws {
    try withLog { log throws in
      try log.visit("1", 1, from: "2026-11-21T08:00", to: "2026-11-21T12:00", camera: "hall")
      try log.visit("1", 2, from: "2026-11-21T09:00", to: "2026-11-21T09:10")
      try log.see("1", "2026-11-21T11:00")
      try log.visit("1", 3, from: "2026-11-21T13:00", to: "2026-11-21T13:30")
      let every = DayRules(policy: .every, longestShift: 0)
      #expect(try log.days(every) == ["2026-11-21 1 08:00:00-13:30:00 5.50"])
      var days: [AttendanceLog.Day] = []
      try log.log(every).forEachDay { days.append($0) }
      #expect(days.first?.stays.count == 1)
      #expect(days.first?.stays.first?.checkIn?.place == "hall")
      #expect(days.first?.stays.first?.checkOut?.place == "door")
      // The ends of visits are no events of their own, and show no mask.
      #expect(days.map(\.events) == [4])
      #expect(days.map(\.labelled) == [3])
    }
  }

  @Test("somebody who was met once was there for no time, unless the one visit was a long one")
  func once() throws {
    try withLog { log throws in
      try log.visit("1", 1, from: "2026-11-21T08:00:00", to: "2026-11-21T08:00:20")
      try log.visit("2", 2, from: "2026-11-21T08:00:00", to: "2026-11-21T12:00:00")
      #expect(
        try log.days() == ["2026-11-21 1 08:00:00-08:00:20 -", "2026-11-21 2 08:00:00-12:00:00 4.00"])
    }
  }

  @Test("a day begins when it is told to, and people who stay past that stay on their day")
  func dayStart() throws {
    try withLog { log throws in
      for time in ["20T04:00:00", "20T23:00:00", "21T03:59:59", "21T04:01:58", "21T05:00:00"] {
        try log.see("1", "2026-11-\(time)")
      }
      let early = DayRules(dayStart: 4 * 60, longestShift: 0)
      #expect(
        try log.days(early) == [
          "2026-11-20 1 04:00:00-2026-11-21 04:01:58 24.03", "2026-11-21 1 05:00:00-05:00:00 -",
        ])
      #expect(try log.days(early, .init(from: "2026-11-21")) == ["2026-11-21 1 05:00:00-05:00:00 -"])
      #expect(try log.days(early, .init(to: "2026-11-20")) == ["2026-11-20 1 04:00:00-2026-11-21 04:01:58 24.03"])
      #expect(
        try log.days(.init(longestShift: 0)) == [
          "2026-11-20 1 04:00:00-23:00:00 19.00", "2026-11-21 1 03:59:59-05:00:00 1.00",
        ])
    }
  }

  @Test("days of 23 and of 25 hours have the hours that people worked, and end where clocks say midnight")
  func clockChanges() throws {
    try withLog { log throws in
      // In Berlin, clocks go from 2 to 3 on 2026-03-29, and from 3 back to 2 on 2026-10-25.
      for moment in ["2026-03-29T00:00:00", "2026-03-29T23:59:59", "2026-10-25T00:00:00", "2026-10-25T23:59:59"] {
        try log.see("1", moment)
      }
      for moment in ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"] { try log.see("2", moment) }
      #expect(
        try log.days(.init(longestShift: 0)) == [
          "2026-03-29 1 00:00:00-23:59:59 23.00", "2026-10-25 1 00:00:00-23:59:59 25.00",
          "2026-10-25 2 02:30:00-02:30:00 1.00",
        ])
    }
  }

  @Test("a night shift belongs to the day on which it began, and its end does not count for the next day")
  func nightShift() throws {
    try withLog { log throws in
      try log.see("1", "2026-11-20T22:00")
      try log.see("1", "2026-11-21T06:00")
      try log.see("1", "2026-11-21T22:10")
      try log.see("1", "2026-11-22T06:05")
      // Came at seven, left at four: nobody's night.
      try log.see("2", "2026-11-20T07:00")
      try log.see("2", "2026-11-20T16:00")
      try log.see("2", "2026-11-21T01:00")
      let nights = [
        "2026-11-20 1 22:00:00-2026-11-21 06:00:00 8.00", "2026-11-20 2 07:00:00-16:00:00 9.00",
        "2026-11-21 1 22:10:00-2026-11-22 06:05:00 7.92", "2026-11-21 2 01:00:00-01:00:00 -",
      ]
      #expect(try log.days() == nights)
      #expect(try log.days(.init(policy: .every)).filter { $0.contains(" 1 ") } == [nights[0], nights[2]])
      // The same when only the second day is asked for, or only the first.
      #expect(try log.days(DayRules(), .init(from: "2026-11-21")) == Array(nights[2...]))
      #expect(try log.days(DayRules(), .init(to: "2026-11-20")) == Array(nights[..<2]))
    }
  }

  @Test("weeks of night shifts in a row are the same days in whichever window they are asked for")
  func nightsInARow() throws {
    try withLog { log throws in
      // From eight in the evening to eight in the morning: never is there a gap of more than twelve hours.
      for day in 1...25 {
        try log.see("1", String(format: "2026-09-%02dT20:00", day))
        try log.see("1", String(format: "2026-09-%02dT08:00", day + 1))
      }
      let all = try log.days(DayRules())
      #expect(all.count == 25)
      #expect(all.allSatisfy { $0.hasSuffix(" 12.00") })
      for first in stride(from: 2, to: 25, by: 3) {
        let from = String(format: "2026-09-%02d", first)
        #expect(try log.days(DayRules(), .init(from: from)) == Array(all.dropFirst(first - 1)), "from \(from)")
      }
    }
  }

  @Test("a shift that would be too long stays open, and so does every one when night shifts are off")
  func tooLong() throws {
    try withLog { log throws in
      try log.see("1", "2026-11-20T17:59:59")
      try log.see("1", "2026-11-21T06:00")
      let open = ["2026-11-20 1 17:59:59-17:59:59 -", "2026-11-21 1 06:00:00-06:00:00 -"]
      #expect(try log.days() == open)
      #expect(
        try log.days(.init(longestShift: 12.1)) == ["2026-11-20 1 17:59:59-2026-11-21 06:00:00 12.00"])
      #expect(try log.days(.init(longestShift: 0)) == open)
    }
  }

  @Test("with every punch counting, ways in and out take turns, and only what is closed counts as worked")
  func every() throws {
    try withLog { log throws in
      for time in ["08:00", "12:00", "12:30", "17:00"] { try log.see("1", "2026-11-20T\(time)") }
      for time in ["08:00", "12:00", "22:00"] { try log.see("2", "2026-11-20T\(time)") }
      try log.see("2", "2026-11-21T02:00")
      try log.see("2", "2026-11-21T22:00")
      let rules = DayRules(policy: .every)
      #expect(
        try log.days(rules) == [
          "2026-11-20 1 08:00:00-17:00:00 8.50", "2026-11-20 2 08:00:00-2026-11-21 02:00:00 8.00",
          "2026-11-21 2 22:00:00-? -",
        ])
    }
  }

  @Test("marks say which way, join what a camera saw within the cooldown, and close what is open")
  func marks() throws {
    try withLog { log throws in
      // Came unseen, was seen in the middle of the day, left unseen.
      try log.mark("1", .in, "2026-11-20T08:00")
      try log.see("1", "2026-11-20T12:00")
      try log.mark("1", .out, "2026-11-20T17:00")
      // Only a way out is known; only a way in.
      try log.mark("2", .out, "2026-11-20T17:00")
      try log.mark("2", .in, "2026-11-21T08:00")
      #expect(
        try log.days(.init(longestShift: 0)) == [
          "2026-11-20 1 08:00:00-17:00:00 9.00", "2026-11-20 2 ?-17:00:00 -", "2026-11-21 2 08:00:00-? -",
        ])
      // Two ways in with every punch counting: the first has no way out. The event a minute later is the second one's.
      try log.mark("1", .in, "2026-11-22T08:00")
      try log.mark("1", .in, "2026-11-22T13:00")
      try log.see("1", "2026-11-22T13:01")
      try log.see("1", "2026-11-22T17:00")
      let rows = try log.days(.init(policy: .every, longestShift: 0), .init(from: "2026-11-22"))
      #expect(rows == ["2026-11-22 1 08:00:00-17:00:00 4.00"])
      // In and out within a minute are two punches, not one.
      try log.mark("2", .in, "2026-11-23T08:00")
      try log.mark("2", .out, "2026-11-23T08:01")
      #expect(try log.days(DayRules(), .init(from: "2026-11-23")) == ["2026-11-23 2 08:00:00-08:01:00 0.02"])
      // Seen once, and later a way in: when the person left between the two is not known.
      try log.see("2", "2026-11-25T08:00")
      try log.mark("2", .in, "2026-11-25T12:00")
      #expect(try log.days(DayRules(), .init(from: "2026-11-25")) == ["2026-11-25 2 08:00:00-? -"])
    }
  }

  @Test("a way out and a way in by hand within a visit split it")
  func marksWithinVisit() throws {
    try withLog { log throws in
      try log.visit("1", 1, from: "2026-11-21T08:00", to: "2026-11-21T17:00")
      try log.mark("1", .out, "2026-11-21T12:00")
      try log.mark("1", .in, "2026-11-21T13:00")
      #expect(try log.days() == ["2026-11-21 1 08:00:00-17:00:00 9.00"])
      #expect(try log.days(DayRules(policy: .every)) == ["2026-11-21 1 08:00:00-17:00:00 8.00"])
      var days: [AttendanceLog.Day] = []
      try log.log(DayRules()).forEachDay { days.append($0) }
      // What was seen counts once.
      #expect(days.map(\.events) == [1])
    }
  }

  @Test("a way in by hand after midnight begins a day of its own, and does not end a night shift")
  func wayInAfterMidnight() throws {
    try withLog { log throws in
      try log.see("1", "2026-11-20T20:00")
      try log.mark("1", .in, "2026-11-21T06:00")
      try log.see("1", "2026-11-21T14:00")
      #expect(
        try log.days() == ["2026-11-20 1 20:00:00-20:00:00 -", "2026-11-21 1 06:00:00-14:00:00 8.00"])
      try log.see("2", "2026-11-20T20:00")
      try log.mark("2", .out, "2026-11-21T06:00")
      #expect(try log.days(DayRules(), .init(personID: "2")) == ["2026-11-20 2 20:00:00-2026-11-21 06:00:00 10.00"])
    }
  }

  @Test("what is void does not count, a visit's arrival voids the visit, and both stay in the log")
  func voids() throws {
    try withLog { log throws in
      try log.see("1", "2026-11-20T07:00", id: "sister")
      try log.see("1", "2026-11-20T08:00")
      try log.visit("1", 7, from: "2026-11-20T18:00", to: "2026-11-20T18:30")
      let mark = try log.mark("1", .out, "2026-11-20T19:00")
      #expect(try log.days() == ["2026-11-20 1 07:00:00-19:00:00 12.00"])
      try log.void("sister")
      try log.void(mark)
      #expect(try log.days() == ["2026-11-20 1 08:00:00-18:30:00 10.50"])
      try log.void("live:run:7:arrival")
      #expect(try log.days() == ["2026-11-20 1 08:00:00-08:00:00 -"])
      var events: [String] = []
      try log.log().forEachEntry { events.append("\($0.id) \($0.voiding?.eventID ?? "counts")") }
      #expect(
        events == [
          "sister sister", "1@2026-11-20T08:00 counts", "live:run:7:arrival live:run:7:arrival",
          "live:run:7:seen live:run:7:arrival", "\(mark) \(mark)",
        ])
    }
  }

  @Test("marks come between sightings in the order of time, however many there are")
  func manyMarks() throws {
    try withLog { log throws in
      let start = Date(timeIntervalSince1970: 1_790_000_000)
      for number in 0..<1203 {
        try log.store.insert(
          Mark(
            personID: "1", direction: .in, time: start.addingTimeInterval(Double(number / 2)), by: "Ann", reason: "x"))
      }
      for number in stride(from: 0, to: 600, by: 100) {
        try log.see("2", Timestamp.string(from: start.addingTimeInterval(Double(number) + 0.5), in: berlin))
      }
      var times: [Date] = []
      try log.log().forEachEntry { times.append($0.time) }
      #expect(times.count == 1209)
      #expect(times == times.sorted())
    }
  }

  @Test("after forgetting, a person's marks are in no day and no event, and the proof holds")
  func forgotten() throws {
    try withLog { log throws in
      try log.mark("1", .in, "2026-11-20T08:00", reason: "1 asked for it")
      try log.see("1", "2026-11-20T12:00")
      try log.mark("2", .in, "2026-11-20T08:00", reason: "came with Person 1")
      let result = try log.store.forget(id: "1")
      #expect(result.marks == 1 && result.events == 1 && result.remaining == 0)
      #expect(try log.days().map { $0.prefix(12) } == ["2026-11-20 2"])
      var text = ""
      _ = try log.log().export(layout: .events, format: .jsonl) { text += $0 }
      #expect(!text.contains("asked") && !text.contains("Person 1"))
      #expect(text.contains(#""reason":"(…)""#))
    }
  }
}
