import Foundation
import Formats
public import Store

/// Reads the sightings of a store as an attendance log, with the days and times of one time zone.
public struct AttendanceLog: Sendable {
  /// Which part of the log to read.
  public struct Query: Sendable, Equatable {
    /// First day, such as "2026-11-21"; nil for the beginning.
    public var from: String?
    /// Last day, which is part of it; nil for the end.
    public var to: String?
    /// Only of this person.
    public var personID: String?
    /// Only with this status.
    public var status: Sighting.Status?

    /// All of the log, unless narrowed.
    public init(
      from: String? = nil, to: String? = nil, personID: String? = nil, status: Sighting.Status? = nil
    ) {
      self.from = from
      self.to = to
      self.personID = personID
      self.status = status
    }
  }

  /// One sighting, with what is known of the person now.
  public struct Event: Sendable, Equatable {
    /// The sighting as recorded.
    public let sighting: Sighting
    /// Name of the person; nil when unknown or forgotten.
    public let name: String?
    /// Groups of the person.
    public let groups: [String]
  }

  /// One known person on one day.
  public struct Day: Sendable, Equatable {
    /// The day, such as "2026-11-21".
    public let date: String
    /// Id of the person.
    public let personID: String
    /// Name of the person.
    public let name: String
    /// Groups of the person.
    public let groups: [String]
    /// First sighting of the day.
    public let firstIn: Date
    /// Last sighting of the day; the same as the first when there is one only.
    public let lastOut: Date
    /// Number of sightings.
    public let sightings: Int
    /// Sightings that show whether a mask was worn: those with a mask label, “unsure” not among them.
    public let labelled: Int
    /// Sightings with a mask worn over mouth, nose and chin.
    public let masked: Int

    /// The share of the labelled sightings with a mask worn, 0…1; nil when no sighting shows it.
    public var maskShare: Double? { labelled > 0 ? Double(masked) / Double(labelled) : nil }
  }

  /// Where the clock hangs that days and times are read from.
  public let timeZone: TimeZone
  private let store: Store

  /// The log of `store`.
  public init(store: Store, timeZone: TimeZone = .current) {
    self.store = store
    self.timeZone = timeZone
  }

  /// Calls `body` with one event after the other in the order of time. Holds the people in memory, not the events.
  ///
  /// - Throws: `Timestamp.Failure` for a day that is none, `AttendanceError` when the last day is before the first,
  ///   `StoreError`, and what `body` throws.
  public func forEachEvent(_ query: Query = Query(), _ body: (Event) throws -> Void) throws {
    let sightings = try sightingQuery(query)
    let people = try peopleByID()
    try store.forEachSighting(sightings) { sighting in
      let person = sighting.personID.flatMap { people[$0] }
      try body(Event(sighting: sighting, name: person?.name, groups: person?.groups ?? []))
    }
  }

  /// Calls `body` with every known person of every day, ordered by day, then by id. Holds one day in memory.
  ///
  /// - Throws: as `forEachEvent`.
  public func forEachDay(_ query: Query = Query(), _ body: (Day) throws -> Void) throws {
    var day = OpenDay()
    try forEachEvent(query) { event in
      guard let id = event.sighting.personID, let name = event.name else { return }
      let time = event.sighting.time
      if time >= day.end {
        try day.rows().forEach(body)
        day = OpenDay(
          date: Timestamp.day(time, in: timeZone), end: Timestamp.nextDay(after: time, in: timeZone))
      }
      day.add(id: id, name: name, groups: event.groups, time: time, mask: event.sighting.mask)
    }
    try day.rows().forEach(body)
  }

  private func sightingQuery(_ query: Query) throws -> Store.SightingQuery {
    let from = try query.from.map { try Timestamp.parseDay($0, in: timeZone) }
    let until = try query.to.map { Timestamp.nextDay(after: try Timestamp.parseDay($0, in: timeZone), in: timeZone) }
    if let from, let until, until <= from {
      throw AttendanceError.daysReversed(from: query.from ?? "", to: query.to ?? "")
    }
    return Store.SightingQuery(from: from, until: until, personID: query.personID, status: query.status)
  }

  private func peopleByID() throws -> [String: (name: String, groups: [String])] {
    var people: [String: (name: String, groups: [String])] = [:]
    try store.forEachPerson { people[$0.id] = ($0.name, $0.groups) }
    return people
  }
}

/// The rows of a day that may still grow.
private struct OpenDay {
  var date = ""
  /// First moment after the day.
  var end = Date.distantPast
  private var people: [String: AttendanceLog.Day] = [:]

  init() {}

  init(date: String, end: Date) {
    self.date = date
    self.end = end
  }

  mutating func add(id: String, name: String, groups: [String], time: Date, mask: Sighting.Mask?) {
    let earlier = people[id]
    let isLabelled = mask != nil && mask != .unsure
    people[id] = AttendanceLog.Day(
      date: date, personID: id, name: name, groups: groups, firstIn: earlier?.firstIn ?? time, lastOut: time,
      sightings: (earlier?.sightings ?? 0) + 1, labelled: (earlier?.labelled ?? 0) + (isLabelled ? 1 : 0),
      masked: (earlier?.masked ?? 0) + (mask == .mask ? 1 : 0))
  }

  func rows() -> [AttendanceLog.Day] {
    people.values.sorted { $0.personID < $1.personID }
  }
}

/// Why the log cannot be read as asked.
public enum AttendanceError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The last day is before the first.
  case daysReversed(from: String, to: String)

  /// What is wrong and what to write instead.
  public var description: String {
    switch self {
    case .daysReversed(let from, let to):
      "Reading the attendance log failed: \(to) is before \(from). Give the earlier day to --from, the later to --to."
    }
  }
}
