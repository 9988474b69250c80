import Foundation
import Formats
import Store

extension AttendanceLog {
  /// Calls `body` with every known person of every day, ordered by day, then by ID. Void entries do not count.
  ///
  /// The events and marks of one person make punches. The punches make the day's ways in and out, according to `rules`.
  /// A punch belongs to the day on which it begins. If a day is still open at its end, the person's next punch closes
  /// it, provided that it comes soon enough and is not known to be a way in. That punch is then not part of the next
  /// day.
  ///
  /// Memory holds the people and two days of punches, not the log.
  ///
  /// - Throws: As `forEachEntry`.
  public func forEachDay(_ query: Query = Query(), _ body: (Day) throws -> Void) throws {
    let (from, until) = try span(query)
    func emit(_ day: Day) throws {
      if let from = query.from, day.date < from { return }
      if let to = query.to, day.date > to { return }
      try body(day)
    }
    var days = OpenDays(timeZone: timeZone, rules: rules)
    // The last punch of a day, and a shift, may end on the next day.
    try forEachEntry(
      query, from: try from.map { try start(before: $0, query) }, until: until?.addingTimeInterval(2 * 86_400)
    ) { entry in
      if entry.voiding == nil { try days.add(entry, emit) }
    }
    try days.finish(emit)
  }

  /// The days to look back at first, and at most.
  private static let lookBack = (first: 3.0, most: 800.0)

  /// The moment from which on punches have to be read so that they are paired as in a reading of the whole log.
  ///
  /// A punch that ends a night shift is not part of the next day, and so one night decides about the next one, until
  /// there is a gap longer than the longest shift. So every person must have such a gap between this moment and `from`.
  private func start(before from: Date, _ query: Query) throws -> Date {
    guard rules.longestShift > 0 else { return from.addingTimeInterval(-86_400) }
    var days = Self.lookBack.first
    while true {
      let start = from.addingTimeInterval(-days * 86_400)
      var last: [String: Date] = [:]
      var rested: Set<String> = []
      func rest(_ id: String, until time: Date) {
        if time.timeIntervalSince(last[id] ?? start) > rules.longestShift * 3600 { rested.insert(id) }
      }
      try forEachEntry(query, from: start, until: from) { entry in
        guard entry.voiding == nil, let id = entry.personID else { return }
        rest(id, until: entry.time)
        last[id] = entry.time
      }
      for id in last.keys { rest(id, until: from) }
      if rested.count == last.count || days >= Self.lookBack.most { return start }
      days *= 2
    }
  }
}

/// The current day and the next one. The current day is complete when the next one is over.
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
  /// The first moment after the day.
  private var end = Date.distantPast
  /// The first moment after the next day.
  private var nextEnd = Date.distantPast

  init(timeZone: TimeZone, rules: DayRules) {
    self.timeZone = timeZone
    self.rules = rules
  }

  /// Adds an entry, which must not be earlier than those before. Calls `body` with the days that it completes.
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

  /// Calls `body` with the remaining days.
  mutating func finish(_ body: (AttendanceLog.Day) throws -> Void) throws {
    while !people.isEmpty { try close(body) }
  }

  /// Makes the day that holds `time` the current one.
  private mutating func open(_ time: Date) {
    date = Timestamp.day(time, in: timeZone, startingAt: rules.dayStart)
    end = Timestamp.nextDay(after: time, in: timeZone, startingAt: rules.dayStart)
    nextEnd = Timestamp.nextDay(after: end, in: timeZone, startingAt: rules.dayStart)
  }

  /// Calls `body` with the current day, and goes on to the next day.
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
