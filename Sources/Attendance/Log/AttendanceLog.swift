public import Foundation
import Formats
public import Store
public import Values

/// Reads the events and marks of a store as an attendance log, with the days and times of one time zone.
public struct AttendanceLog: Sendable {
  /// Which part of the log to read.
  public struct Query: Sendable, Equatable {
    /// First day, such as "2026-11-21"; nil for the beginning.
    public var from: String?
    /// Last day, which is part of it; nil for the end.
    public var to: String?
    /// Only of this person.
    public var personID: String?
    /// Only of people in this group.
    public var group: String?
    /// Only events with this status. Marks are of known people.
    public var status: FaceStatus?
    /// Only events of this camera, so no marks.
    public var camera: String?
    /// Only events with this mask label, so no marks.
    public var mask: MaskLabel?

    /// All of the log, unless narrowed.
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

    /// Marks have no camera and no face.
    fileprivate var includesMarks: Bool { camera == nil && mask == nil && (status == nil || status == .known) }
  }

  /// One event or mark, with what is known of the person now, and what was said of it since.
  public struct Entry: Sendable, Equatable {
    /// What was recorded.
    public enum Record: Sendable, Equatable {
      case event(Event)
      case mark(Mark)
    }

    /// What was recorded, as it was.
    public let record: Record
    /// Name of the person; nil when unknown or forgotten.
    public let name: String?
    /// Groups of the person.
    public let groups: [String]
    /// Why it does not count; nil when it does. What voids a visit's arrival voids the whole visit.
    public let voiding: Voiding?

    /// An entry of a person who is known by this name.
    public init(record: Record, name: String?, groups: [String], voiding: Voiding?) {
      (self.record, self.name, self.groups, self.voiding) = (record, name, groups, voiding)
    }

    /// Id of the event or mark.
    public var id: String {
      switch record {
      case .event(let event): event.id
      case .mark(let mark): mark.id
      }
    }

    /// When it was.
    public var time: Date {
      switch record {
      case .event(let event): event.time
      case .mark(let mark): mark.time
      }
    }

    /// Id of the person; nil when unknown or forgotten.
    public var personID: String? {
      switch record {
      case .event(let event): event.personID
      case .mark(let mark): mark.personID
      }
    }
  }

  /// Where the clock hangs that days and times are read from.
  public let timeZone: TimeZone
  /// How punches become days.
  public let rules: DayRules
  private let store: Store

  /// The log of `store`.
  public init(store: Store, timeZone: TimeZone = .current, rules: DayRules = DayRules()) {
    self.store = store
    self.timeZone = timeZone
    self.rules = rules
  }

  /// Calls `body` with one entry after the other in the order of time, void ones among them. Holds the people and the
  /// voidings in memory, not the entries.
  ///
  /// - Throws: `Timestamp.Failure` for a day that is none, `AttendanceError` when the last day is before the first,
  ///   `StoreError`, and what `body` throws.
  public func forEachEntry(_ query: Query = Query(), _ body: (Entry) throws -> Void) throws {
    let (from, until) = try span(query)
    try forEachEntry(query, from: from, until: until, body)
  }

  /// Whether the days of a query are days, in their order; for whoever has to know that before the reading begins.
  ///
  /// - Throws: `Timestamp.Failure` for a day that is none, `AttendanceError` when the last day is before the first.
  public func check(_ query: Query) throws { _ = try span(query) }

  /// The first moment of a query's first day, and the first one after its last.
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

  /// The entries of a query between two moments, whatever its days are.
  ///
  /// - Parameter place: Only those behind it.
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

/// Hands out marks in the order of time while events are read, some hundreds in memory.
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

/// Why the log cannot be read as asked.
public enum AttendanceError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The last day is before the first.
  case daysReversed(from: String, to: String)
  /// A page of the log was asked for from a place on that was not given out.
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
