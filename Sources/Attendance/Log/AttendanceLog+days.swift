import Foundation
import Formats
import Store

extension AttendanceLog {
  /// Calls `body` with every known person of every day, ordered by day, then by id. What is void does not count.
  ///
  /// Events and marks of one person make punches, and punches make the day's ways in and out, as `rules` says. A punch
  /// belongs to the day on which it begins. A day that is open at its end is closed by the person's next punch, if that
  /// comes soon enough and is not known to be a way in; that punch then is no part of the next day.
  ///
  /// Holds the people and two days of punches in memory, not the log. To know which punches the night shifts before the
  /// first day have taken, it reads two weeks further back: who has worked every single night of them may have a wrong
  /// first day.
  ///
  /// - Throws: as `forEachEntry`.
  public func forEachDay(_ query: Query = Query(), _ body: (Day) throws -> Void) throws {
    let (from, until) = try span(query)
    let back = Double(rules.longestShift > 0 ? 14 : 1)
    func emit(_ day: Day) throws {
      if let from = query.from, day.date < from { return }
      if let to = query.to, day.date > to { return }
      try body(day)
    }
    var days = OpenDays(timeZone: timeZone, rules: rules)
    // A day's last punch may end, and a shift may, on the next day.
    try forEachEntry(
      query, from: from?.addingTimeInterval(-back * 86_400), until: until?.addingTimeInterval(2 * 86_400)
    ) { entry in
      if entry.voiding == nil { try days.add(entry, emit) }
    }
    try days.finish(emit)
  }
}

/// A day that is complete as soon as the next one is over, and that next one.
private struct OpenDays {
  private struct Person {
    var name: String
    var groups: [String]
    var punches = Punches()
  }

  private let timeZone: TimeZone
  private let rules: DayRules
  private var people: [String: Person] = [:]
  private var date = ""
  /// First moment after the day.
  private var end = Date.distantPast
  /// First moment after the day that follows.
  private var nextEnd = Date.distantPast

  init(timeZone: TimeZone, rules: DayRules) {
    self.timeZone = timeZone
    self.rules = rules
  }

  /// Adds an entry, no earlier than those before, and hands out the days that are complete with it.
  mutating func add(_ entry: AttendanceLog.Entry, _ body: (AttendanceLog.Day) throws -> Void) throws {
    guard let id = entry.personID, let name = entry.name else { return }
    while entry.time >= nextEnd, !people.isEmpty { try close(body) }
    if entry.time >= nextEnd { open(entry.time) }
    var person = people[id] ?? Person(name: name, groups: entry.groups)
    switch entry.record {
    case .event(let event): person.punches.add(event, cooldown: rules.cooldown)
    case .mark(let mark): person.punches.add(Punch(mark), cooldown: rules.cooldown)
    }
    people[id] = person
  }

  /// Hands out the rest.
  mutating func finish(_ body: (AttendanceLog.Day) throws -> Void) throws {
    while !people.isEmpty { try close(body) }
  }

  /// Makes the day that holds `time` the current one.
  private mutating func open(_ time: Date) {
    date = Timestamp.day(time, in: timeZone, startingAt: rules.dayStart)
    end = Timestamp.nextDay(after: time, in: timeZone, startingAt: rules.dayStart)
    nextEnd = Timestamp.nextDay(after: end, in: timeZone, startingAt: rules.dayStart)
  }

  /// Hands out the current day, and goes on to the next.
  private mutating func close(_ body: (AttendanceLog.Day) throws -> Void) throws {
    for id in people.keys.sorted() {
      guard var person = people[id] else { continue }
      person.punches.settle(cooldown: rules.cooldown)
      var punches = person.punches.removeAll(before: end)
      if !punches.isEmpty {
        var reckoning = Reckoning(punches, rules)
        if let begin = reckoning.openSince, rules.longestShift > 0,
          let closing = person.punches.removeEnd(ofShiftFrom: begin, hours: rules.longestShift)
        {
          punches.append(closing)
          reckoning = Reckoning(punches, rules)
        }
        try body(
          AttendanceLog.Day(
            date: date, personID: id, name: person.name, groups: person.groups, firstIn: reckoning.firstIn,
            lastOut: reckoning.lastOut, stays: reckoning.stays, events: punches.reduce(0) { $0 + $1.events },
            labelled: punches.reduce(0) { $0 + $1.labelled }, masked: punches.reduce(0) { $0 + $1.masked }))
      }
      people[id] = person.punches.isEmpty ? nil : person
    }
    open(end)
  }
}
