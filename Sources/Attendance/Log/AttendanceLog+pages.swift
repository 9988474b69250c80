import Foundation
import Formats
public import Store

extension AttendanceLog {
  /// A part of the entries, in the order of time, void ones among them. Reads the log from the place on, and the people
  /// and voidings.
  ///
  /// - Parameters:
  ///   - place: Where the page begins: `next` of the page before; nil for the beginning.
  ///   - limit: At most so many entries, at least 1.
  /// - Throws: as `forEachEntry`, and `AttendanceError.unknownPlace` for a place that was not given out.
  public func entries(_ query: Query = Query(), after place: String? = nil, limit: Int) throws -> Page<Entry> {
    let start = try place.map { text in
      guard let place = EntryPlace(text) else { throw AttendanceError.unknownPlace }
      return place
    }
    let limit = max(1, limit)
    let (from, until) = try span(query)
    let found = try first(limit + 1) { add in
      try forEachEntry(query, from: from, until: until, after: start, add)
    }
    return Page(found, limit: limit) { EntryPlace(behind: $0).place }
  }

  /// A part of the days, ordered by day, then by id, as `forEachDay` gives them. Reads the log from the place on, and
  /// two weeks before it for night shifts.
  ///
  /// - Parameters:
  ///   - place: Where the page begins: `next` of the page before; nil for the beginning.
  ///   - limit: At most so many days of people, at least 1.
  /// - Throws: as `forEachDay`, and `AttendanceError.unknownPlace` for a place that was not given out.
  public func days(_ query: Query = Query(), after place: String? = nil, limit: Int) throws -> Page<Day> {
    var query = query
    let last = try place.map { text in
      guard let place = PagePlace(text, in: Self.days, count: 2),
        (try? Timestamp.parseDay(place.keys[0], in: timeZone)) != nil
      else { throw AttendanceError.unknownPlace }
      return (date: place.keys[0], personID: place.keys[1])
    }
    if let last {
      // A beginning that is no day is told of before it gives way.
      _ = try span(query)
      query.from = max(query.from ?? "", last.date)
    }
    let limit = max(1, limit)
    let found = try first(limit + 1) { add in
      try forEachDay(query) { day in
        if let last, (day.date, day.personID) <= last { return }
        try add(day)
      }
    }
    return Page(found, limit: limit) { PagePlace(in: Self.days, behind: [$0.date, $0.personID]) }
  }

  private static let days = "days"

  private struct Enough: Error {}

  /// The first of what `forEach` hands out.
  private func first<Item>(_ count: Int, _ forEach: ((Item) throws -> Void) throws -> Void) throws -> [Item] {
    var items: [Item] = []
    do {
      try forEach { item in
        items.append(item)
        if items.count == count { throw Enough() }
      }
    } catch is Enough {}
    return items
  }
}

/// A place in the log: the entry before it. Of entries at one moment, events come before marks.
struct EntryPlace {
  private static let list = "events"
  private static let (event, mark) = ("sighting", "mark")

  /// When the entry was.
  let time: Date
  private let id: String
  private let isMark: Bool

  init(behind entry: AttendanceLog.Entry) {
    (time, id) = (entry.time, entry.id)
    isMark = if case .mark = entry.record { true } else { false }
  }

  /// Nil for what is no place.
  init?(_ text: String) {
    guard let place = PagePlace(text, in: Self.list, count: 3), let seconds = Double(place.keys[0]), seconds.isFinite,
      [Self.event, Self.mark].contains(place.keys[1])
    else { return nil }
    time = Date(timeIntervalSince1970: seconds)
    (isMark, id) = (place.keys[1] == Self.mark, place.keys[2])
  }

  var place: PagePlace {
    PagePlace(in: Self.list, behind: ["\(time.timeIntervalSince1970)", isMark ? Self.mark : Self.event, id])
  }

  /// Behind which event the events go on, and from which moment.
  var events: (after: Store.LogPlace?, from: Date) {
    // The database keeps milliseconds.
    isMark ? (nil, time + 0.001) : (Store.LogPlace(time: time, id: id), time)
  }

  /// Behind which mark the marks go on, and from which moment.
  var marks: (after: Store.LogPlace?, from: Date) {
    (isMark ? Store.LogPlace(time: time, id: id) : nil, time)
  }
}
