import Foundation
import Formats
public import Store

extension AttendanceLog {
  /// A page of entries in the order of time, void entries included. Reads the log from `place` on, and all people and
  /// voidings.
  ///
  /// - Parameters:
  ///   - place: Where the page begins: `next` of the page before; nil for the first page.
  ///   - limit: The most entries on the page, at least 1.
  /// - Throws: As `forEachEntry`, and `AttendanceError.unknownPlace` if `place` was not returned by an earlier page.
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

  /// A page of days, ordered by day, then by ID, as `forEachDay` gives them. Reads the log from `place` on, and two
  /// weeks before it for night shifts.
  ///
  /// - Parameters:
  ///   - place: Where the page begins: `next` of the page before; nil for the first page.
  ///   - limit: The most `Day` values on the page, at least 1.
  /// - Throws: As `forEachDay`, and `AttendanceError.unknownPlace` if `place` was not returned by an earlier page.
  public func days(_ query: Query = Query(), after place: String? = nil, limit: Int) throws -> Page<Day> {
    var query = query
    let last = try place.map { text in
      guard let place = PagePlace(text, in: Self.days, count: 2),
        (try? Timestamp.parseDay(place.keys[0], in: timeZone)) != nil
      else { throw AttendanceError.unknownPlace }
      return (date: place.keys[0], personID: place.keys[1])
    }
    if let last {
      // An invalid first day is reported before it is replaced.
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

  /// The first `count` items that `forEach` gives.
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

/// A place in the log, given by the entry before it. Of entries at the same moment, events come before marks.
struct EntryPlace {
  private static let list = "events"
  private static let (event, mark) = ("sighting", "mark")

  /// The time of the entry.
  let time: Date
  private let id: String
  private let isMark: Bool

  init(behind entry: AttendanceLog.Entry) {
    (time, id) = (entry.time, entry.id)
    isMark = if case .mark = entry.record { true } else { false }
  }

  /// Reads a place from its text; nil if the text is not a place.
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

  /// The event after which the events continue, and the moment from which they do.
  var events: (after: Store.LogPlace?, from: Date) {
    // The database keeps milliseconds.
    isMark ? (nil, time + 0.001) : (Store.LogPlace(time: time, id: id), time)
  }

  /// The mark after which the marks continue, and the moment from which they do.
  var marks: (after: Store.LogPlace?, from: Date) {
    (isMark ? Store.LogPlace(time: time, id: id) : nil, time)
  }
}
