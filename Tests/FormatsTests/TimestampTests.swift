import Formats
import Foundation
import TestResources
import Testing

@Suite("Timestamps")
struct TimestampTests {
  let berlin: TimeZone
  let newYork: TimeZone
  let kolkata: TimeZone

  init() throws {
    berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    newYork = try #require(TimeZone(identifier: "America/New_York"))
    kolkata = try #require(TimeZone(identifier: "Asia/Kolkata"))
  }

  @Test("a moment is written with milliseconds and its zone's offset")
  func writing() {
    let moment = Date(timeIntervalSince1970: 1_795_245_330.25)
    #expect(Timestamp.string(from: moment, in: berlin) == "2026-11-21T08:15:30.250+01:00")
    #expect(Timestamp.string(from: moment, in: newYork) == "2026-11-21T02:15:30.250-05:00")
    #expect(Timestamp.string(from: moment, in: kolkata) == "2026-11-21T12:45:30.250+05:30")
    #expect(Timestamp.string(from: moment, in: .gmt) == "2026-11-21T07:15:30.250+00:00")
  }

  @Test("rounding to milliseconds carries into seconds, minutes, hours, days and years")
  func carrying() {
    let moment = Date(timeIntervalSince1970: 1_798_761_599.9996)
    #expect(Timestamp.string(from: moment, in: .gmt) == "2027-01-01T00:00:00.000+00:00")
    #expect(Timestamp.string(from: Date(timeIntervalSince1970: -0.001), in: .gmt) == "1969-12-31T23:59:59.999+00:00")
  }

  @Test("an offset with seconds in it still names the right moment")
  func oldOffsets() throws {
    let moment = Date(timeIntervalSince1970: -2_500_000_000)
    let written = Timestamp.string(from: moment, in: newYork)
    #expect(try Timestamp.parse(written, assuming: .gmt) == moment)
  }

  @Test(
    "every usual way to write a moment is understood",
    arguments: [
      ("2026-11-21T08:15:30.250+01:00", 1_795_245_330.25), ("2026-11-21T07:15:30.25Z", 1_795_245_330.25),
      ("2026-11-21 08:15:30+0100", 1_795_245_330), ("2026-11-21t08:15:30,5+01", 1_795_245_330.5),
      ("2026-11-21T08:15+01:00", 1_795_245_300), ("2026-11-21T08:15", 1_795_245_300),
      ("2026-11-21T08:15:30", 1_795_245_330), ("2026-11-21", 1_795_215_600),
      ("2024-02-29T00:00:00Z", 1_709_164_800), ("2026-11-21T12:45:30+05:30", 1_795_245_330),
    ])
  func reading(text: String, seconds: Double) throws {
    #expect(try Timestamp.parse(text, assuming: berlin) == Date(timeIntervalSince1970: seconds))
  }

  @Test(
    "what is no moment is refused with an example",
    arguments: [
      "", "yesterday", "21.11.2026", "2026-11", "2026-1-2", "20261121", "2026-11-21T", "2026-11-21T8:15",
      "2026-11-21T08:15:30+1", "2026-11-21T08:15:30+01:60", "2026-11-21T08:15:30 Europe/Berlin",
      "2026-11-21T08:15:30.Z", " 2026-11-21",
      "2026-11-21Z", "２０２６-11-21",
    ])
  func shapes(text: String) {
    let error = #expect(throws: Timestamp.Failure.self) { try Timestamp.parse(text, assuming: berlin) }
    #expect(
      error?.description == "“\(text)” is no time; write it like 2026-11-21T08:15:30+01:00, or a day like 2026-11-21")
  }

  @Test(
    "what does not exist is refused",
    arguments: [
      "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00", "2026-01-01T24:00", "2026-01-01T08:60",
      "2026-01-01T08:15:60", "2026-01-01T08:15:30+19:00", "0000-01-01", "1582-10-10",
    ])
  func impossible(text: String) {
    let error = #expect(throws: Timestamp.Failure.self) { try Timestamp.parse(text, assuming: berlin) }
    #expect(error?.description == "“\(text)” names a day, a time or an offset that does not exist")
  }

  @Test("a time that the clock shows twice is the first one, a skipped one lies behind the gap")
  func clockChanges() throws {
    // Berlin 2026: forward on March 29 at 2:00, back on October 25 at 3:00.
    let twice = try Timestamp.parse("2026-10-25T02:30", assuming: berlin)
    #expect(Timestamp.string(from: twice, in: berlin) == "2026-10-25T02:30:00.000+02:00")
    let skipped = try Timestamp.parse("2026-03-29T02:30", assuming: berlin)
    #expect(Timestamp.string(from: skipped, in: berlin) == "2026-03-29T03:30:00.000+02:00")
    #expect(try Timestamp.parse("2026-10-25T02:30:00+01:00", assuming: berlin) == twice.addingTimeInterval(3600))
    let first = try Timestamp.parse("2026-11-01T01:30", assuming: newYork)
    #expect(Timestamp.string(from: first, in: newYork) == "2026-11-01T01:30:00.000-04:00")
  }

  @Test("a day begins at its first moment, also where midnight is skipped")
  func days() throws {
    #expect(try Timestamp.parseDay("2026-11-21", in: berlin) == Date(timeIntervalSince1970: 1_795_215_600))
    let cairo = try #require(TimeZone(identifier: "Africa/Cairo"))
    let start = try Timestamp.parseDay("2024-04-26", in: cairo)
    #expect(Timestamp.string(from: start, in: cairo) == "2024-04-26T01:00:00.000+03:00")
    #expect(Timestamp.string(from: start.addingTimeInterval(-1), in: cairo) == "2024-04-25T23:59:59.000+02:00")
  }

  @Test("a day the zone never had is refused, and so is a time where a day is wanted")
  func noDays() throws {
    let apia = try #require(TimeZone(identifier: "Pacific/Apia"))
    #expect(throws: Timestamp.Failure.self) { try Timestamp.parseDay("2011-12-30", in: apia) }
    let error = #expect(throws: Timestamp.Failure.self) { try Timestamp.parseDay("2026-11-21T08:15", in: berlin) }
    #expect(error?.description == "“2026-11-21T08:15” is no day; write it like 2026-11-21")
  }

  @Test("the next day begins 23, 24 or 25 hours on")
  func nextDays() throws {
    for (day, next, hours) in [
      ("2026-03-29", "2026-03-30", 23.0), ("2026-10-25", "2026-10-26", 25), ("2026-12-31", "2027-01-01", 24),
    ] {
      let start = try Timestamp.parseDay(day, in: berlin)
      let end = try Timestamp.parseDay(next, in: berlin)
      #expect(end.timeIntervalSince(start) == hours * 3600)
      for moment in [start, start.addingTimeInterval(2.5 * 3600), end.addingTimeInterval(-0.001)] {
        #expect(Timestamp.nextDay(after: moment, in: berlin) == end)
        #expect(Timestamp.day(moment, in: berlin) == day)
      }
    }
  }

  @Test("a day that begins at a time begins once, also where clocks skip that time or show it twice")
  func laterBeginnings() throws {
    let halfPastTwo = 150
    for (moment, day) in [
      // Clocks go from 2:00 to 3:00.
      ("2026-03-28T02:29:59.999+01:00", "2026-03-27"), ("2026-03-29T03:29:59.999+02:00", "2026-03-28"),
      ("2026-03-29T03:30:00+02:00", "2026-03-29"),
      // Clocks go from 3:00 back to 2:00.
      ("2026-10-25T02:29:59.999+02:00", "2026-10-24"), ("2026-10-25T02:30:00+02:00", "2026-10-25"),
      ("2026-10-25T02:15:00+01:00", "2026-10-25"), ("2026-10-26T02:29:59.999+01:00", "2026-10-25"),
    ] {
      let date = try Timestamp.parse(moment, assuming: .gmt)
      #expect(Timestamp.day(date, in: berlin, startingAt: halfPastTwo) == day, "\(moment)")
    }
    var start = try Timestamp.parseDay("2026-01-01", in: berlin, startingAt: halfPastTwo)
    for _ in 0..<366 {
      let day = Timestamp.day(start, in: berlin, startingAt: halfPastTwo)
      #expect(try Timestamp.parseDay(day, in: berlin, startingAt: halfPastTwo) == start, "\(day)")
      let next = Timestamp.nextDay(after: start, in: berlin, startingAt: halfPastTwo)
      let last = next.addingTimeInterval(-0.001)
      #expect(Timestamp.day(last, in: berlin, startingAt: halfPastTwo) == day, "\(day)")
      #expect(Timestamp.nextDay(after: last, in: berlin, startingAt: halfPastTwo) == next, "\(day)")
      start = next
    }
  }

  @Test("a clock shows local time to the second that has begun")
  func clocks() throws {
    let moment = try Timestamp.parse("2026-06-30T22:59:59.999Z", assuming: .gmt)
    #expect(Timestamp.clock(moment, in: berlin) == "2026-07-01 00:59:59")
    #expect(Timestamp.clock(moment, in: newYork) == "2026-06-30 18:59:59")
    #expect(Timestamp.hour(moment, in: berlin) == 0)
    #expect(Timestamp.hour(moment, in: newYork) == 18)
  }

  @Test("days follow each other without a gap in zones with unusual clocks")
  func unusualZones() throws {
    // Midnight skipped; half an hour's change; quarter-hour offset; a change within Ramadan; a day ahead.
    let names = ["Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Kiritimati"]
    for name in names {
      let zone = try #require(TimeZone(identifier: name))
      var start = try Timestamp.parseDay("2026-01-01", in: zone)
      for _ in 0..<366 {
        let next = Timestamp.nextDay(after: start, in: zone)
        #expect((20...28).contains(next.timeIntervalSince(start) / 3600), "\(name)")
        #expect(Timestamp.day(next.addingTimeInterval(-0.001), in: zone) == Timestamp.day(start, in: zone), "\(name)")
        #expect(try Timestamp.parseDay(Timestamp.day(next, in: zone), in: zone) == next, "\(name)")
        start = next
      }
    }
  }

  @Test("what is written is read back to the millisecond")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 11)
    let zones = [berlin, newYork, kolkata, .gmt]
    for _ in 0..<2000 {
      let moment = Date(
        timeIntervalSince1970: Double(Int.random(in: -1_000_000_000_000...4_000_000_000_000, using: &random)) / 1000)
      let zone = zones.randomElement(using: &random) ?? .gmt
      #expect(try Timestamp.parse(Timestamp.string(from: moment, in: zone), assuming: kolkata) == moment)
    }
  }
}
