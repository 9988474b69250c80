public import Foundation
import Formats
public import Store
public import Values

/// The attendance log of a store: its events and marks, with the days and times of one time zone.
///
/// ```swift
/// let log = AttendanceLog(store: store)
/// try log.forEachDay(.init(from: "2026-11-21", to: "2026-11-21")) { day in
///   print(day.personID, day.hours ?? 0)
/// }
/// ```
public struct AttendanceLog: Sendable {
  /// The part of the log to read.
  public struct Query: Sendable, Equatable {
    /// The first day, such as "2026-11-21"; nil for the beginning.
    public var from: String?
    /// The last day, which is included; nil for the end.
    public var to: String?
    /// Only entries of this person.
    public var personID: String?
    /// Only entries of people in this group.
    public var group: String?
    /// Only events with this status. Marks have the status known.
    public var status: FaceStatus?
    /// Only events of this camera. Marks have no camera and are left out.
    public var camera: String?
    /// Only events with this mask label. Marks have none and are left out.
    public var mask: MaskLabel?

    /// A query for the whole log, narrowed by the given values.
    public init(
      from: String? = nil, to: String? = nil, personID: String? = nil, group: String? = nil,
      status: FaceStatus? = nil, camera: String? = nil, mask: MaskLabel? = nil
    ) {
      self.from = from
      self.to = to
      self.personID = personID
      self.group = group
      self.status = status
      self.camera = camera
      self.mask = mask
    }

    /// Whether the query includes marks, which have no camera and no face.
    fileprivate var includesMarks: Bool { camera == nil && mask == nil && (status == nil || status == .known) }
  }

  /// One event or mark, with the person's current name and groups, and with its voiding.
  public struct Entry: Sendable, Equatable {
    /// The recorded event or mark.
    public enum Record: Sendable, Equatable {
      case event(Event)
      case mark(Mark)
    }

    /// The event or mark, as it was recorded.
    public let record: Record
    /// The name of the person; nil if unknown or forgotten.
    public let name: String?
    /// The groups of the person.
    public let groups: [String]
    /// Why the entry does not count; nil if it counts. A voiding of a visit's arrival applies to the whole visit.
    public let voiding: Voiding?

    /// An entry, with the name and groups of its person.
    public init(record: Record, name: String?, groups: [String], voiding: Voiding?) {
      (self.record, self.name, self.groups, self.voiding) = (record, name, groups, voiding)
    }

    /// The ID of the event or mark.
    public var id: String {
      switch record {
      case .event(let event): event.id
      case .mark(let mark): mark.id
      }
    }

    /// The time of the event or mark.
    public var time: Date {
      switch record {
      case .event(let event): event.time
      case .mark(let mark): mark.time
      }
    }

    /// The ID of the person; nil if unknown or forgotten.
    public var personID: String? {
      switch record {
      case .event(let event): event.personID
      case .mark(let mark): mark.personID
      }
    }
  }

  /// The time zone of days and times.
  public let timeZone: TimeZone
  /// The rules by which punches become days.
  public let rules: DayRules
  private let store: Store

  /// The log of `store`.
  public init(store: Store, timeZone: TimeZone = .current, rules: DayRules = DayRules()) {
    self.store = store
    self.timeZone = timeZone
    self.rules = rules
  }

  /// Calls `body` with every entry in the order of time, void entries included. Memory holds the people and the
  /// voidings, not the entries.
  ///
  /// - Throws: `Timestamp.Failure` for an invalid day, `AttendanceError` if the last day is before the first,
  ///   `StoreError`, and the errors of `body`.
  public func forEachEntry(_ query: Query = Query(), _ body: (Entry) throws -> Void) throws {
    let (from, until) = try span(query)
    try forEachEntry(query, from: from, until: until, body)
  }

  /// Checks that the days of a query are valid and in order, for callers that must know before reading begins.
  ///
  /// - Throws: `Timestamp.Failure` for an invalid day, `AttendanceError` if the last day is before the first.
  public func check(_ query: Query) throws { _ = try span(query) }

  /// The first moment of a query's first day, and the first moment after its last day.
  func span(_ query: Query) throws -> (from: Date?, until: Date?) {
    let from = try query.from.map { try Timestamp.parseDay($0, in: timeZone, startingAt: rules.dayStart) }
    let until = try query.to.map {
      let last = try Timestamp.parseDay($0, in: timeZone, startingAt: rules.dayStart)
      return Timestamp.nextDay(after: last, in: timeZone, startingAt: rules.dayStart)
    }
    if let from, let until, until <= from {
      throw AttendanceError.daysReversed(from: query.from ?? "", to: query.to ?? "")
    }
    return (from, until)
  }

  /// Calls `body` with the entries of a query between two moments. The days of the query are ignored.
  ///
  /// - Parameter place: Only entries after this place are read.
  func forEachEntry(
    _ query: Query, from: Date?, until: Date?, after place: EntryPlace? = nil, _ body: (Entry) throws -> Void
  ) throws {
    let people = try peopleByID()
    let voidings = try store.voidings()
    func emit(_ record: Entry.Record, _ personID: String?, _ voiding: Voiding?) throws {
      let person = personID.flatMap { people[$0] }
      if let group = query.group, person?.groups.contains(group) != true { return }
      try body(Entry(record: record, name: person?.name, groups: person?.groups ?? [], voiding: voiding))
    }
    func begin(_ moment: Date?) -> Date? { [from, moment].compactMap(\.self).max() }
    var marks = MarkReader(
      store, .init(from: begin(place?.marks.from), until: until, personID: query.personID), after: place?.marks.after)
    func emitMarks(before time: Date) throws {
      guard query.includesMarks else { return }
      while let mark = try marks.next(before: time) { try emit(.mark(mark), mark.personID, voidings[mark.id]) }
    }
    let events = Store.EventQuery(
      from: begin(place?.events.from), until: until, personID: query.personID, status: query.status,
      camera: query.camera, mask: query.mask)
    try store.forEachEvent(events, after: place?.events.after) { event in
      try emitMarks(before: event.time)
      let arrival = EventID.visit(event.id).map(EventID.arrival)
      try emit(.event(event), event.personID, voidings[event.id] ?? arrival.flatMap { voidings[$0] })
    }
    try emitMarks(before: .distantFuture)
  }

  private func peopleByID() throws -> [String: (name: String, groups: [String])] {
    var people: [String: (name: String, groups: [String])] = [:]
    try store.forEachPerson { people[$0.id] = ($0.name, $0.groups) }
    return people
  }
}

/// Reads marks in the order of time while events are read. Memory holds some hundreds of them.
private struct MarkReader {
  private let store: Store
  private let query: Store.MarkQuery
  /// Where the first page begins.
  private let place: Store.LogPlace?
  private var page: [Mark]?
  private var position = 0

  private static let pageSize = 500

  init(_ store: Store, _ query: Store.MarkQuery, after place: Store.LogPlace?) {
    self.store = store
    self.query = query
    self.place = place
  }

  /// The next mark, if it is before `time`.
  mutating func next(before time: Date) throws -> Mark? {
    var page = try page ?? store.marks(query, after: place, limit: Self.pageSize)
    if position == page.count, position == Self.pageSize {
      page = try store.marks(query, after: page.last.map { .init(time: $0.time, id: $0.id) }, limit: Self.pageSize)
      position = 0
    }
    self.page = page
    guard position < page.count, page[position].time < time else { return nil }
    defer { position += 1 }
    return page[position]
  }
}

/// An error in what is requested from the log.
public enum AttendanceError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The last day is before the first.
  case daysReversed(from: String, to: String)
  /// The place from which a page should begin was not returned by an earlier page.
  case unknownPlace

  /// What is wrong and what to write instead.
  public var description: String {
    switch self {
    case .daysReversed(let from, let to):
      "Reading the attendance log failed: \(to) is before \(from). Give the earlier day first."
    case .unknownPlace:
      "Reading the attendance log failed: the place to go on from is none that was given out. Begin without it."
    }
  }
}
