import Foundation
import Store
import Values

/// The events and marks of a person that belong together, from the first moment to the last.
struct Punch {
  private(set) var begin: Date
  private(set) var end: Date
  /// The camera or file of the first entry; nil for a mark.
  private(set) var firstPlace: String?
  /// The camera or file of the last entry; nil for a mark.
  private(set) var lastPlace: String?
  /// The direction, if a person entered one.
  private(set) var direction: Mark.Direction?
  /// The visits that have begun and not ended.
  private(set) var visits: Set<String> = []
  private(set) var events = 0
  private(set) var labelled = 0
  private(set) var masked = 0

  init(_ mark: Mark) {
    (begin, end, direction) = (mark.time, mark.time, mark.direction)
  }

  init(_ event: Event) {
    (begin, end) = (event.time, event.time)
    firstPlace = event.source.name
    add(event)
  }

  /// Adds an event that belongs to this punch. Events come in the order of time.
  mutating func add(_ event: Event) {
    if event.time >= end { (end, lastPlace) = (event.time, event.source.name) }
    if let visit = EventID.visit(event.id) {
      if event.kind == .seen { visits.remove(visit) } else { visits.insert(visit) }
    }
    guard event.kind != .seen else { return }
    events += 1
    guard let mask = event.mask, mask != .unsure else { return }
    labelled += 1
    if mask == .mask { masked += 1 }
  }

  /// Whether a way in or out that a person entered lies within this visit.
  func holds(_ mark: Punch) -> Bool {
    direction == nil && mark.direction != nil && begin < mark.begin && mark.end < end
  }

  /// The visit's first moment, with what was seen of it, and its last one. A way in or out between the two shows that
  /// it was more than one stay.
  var ends: [Punch] {
    var (first, last) = (self, self)
    (first.end, first.lastPlace, first.visits) = (begin, firstPlace, [])
    (last.begin, last.firstPlace) = (end, lastPlace)
    (last.events, last.labelled, last.masked) = (0, 0, 0)
    return [first, last]
  }

  /// Whether the two are one punch: no further apart than the cooldown, and without different directions.
  func joins(_ later: Punch, cooldown: TimeInterval) -> Bool {
    later.begin.timeIntervalSince(end) <= cooldown
      && (direction == nil || later.direction == nil || direction == later.direction)
  }

  /// Merges a punch that begins no earlier.
  mutating func join(_ later: Punch) {
    if later.end >= end { (end, lastPlace) = (later.end, later.lastPlace ?? lastPlace) }
    firstPlace = firstPlace ?? later.firstPlace
    direction = direction ?? later.direction
    visits.formUnion(later.visits)
    events += later.events
    labelled += later.labelled
    masked += later.masked
  }
}

/// The punches of one person on at most two days.
struct Punches {
  /// In the order of their beginnings.
  private var punches: [Punch] = []

  var isEmpty: Bool { punches.isEmpty }

  /// Adds an event. Events come in the order of time.
  mutating func add(_ event: Event, cooldown: TimeInterval) {
    if let visit = EventID.visit(event.id), let index = punches.lastIndex(where: { $0.visits.contains(visit) }) {
      punches[index].add(event)
    } else {
      add(Punch(event), cooldown: cooldown)
    }
  }

  /// Adds a punch that begins no earlier than those before.
  mutating func add(_ punch: Punch, cooldown: TimeInterval) {
    if let last = punches.indices.last, punches[last].joins(punch, cooldown: cooldown) {
      punches[last].join(punch)
    } else {
      punches.append(punch)
    }
  }

  /// Splits visits within which a person has entered a way in or out, and merges punches that have become one because
  /// the end of a visit has extended one of them.
  mutating func settle(cooldown: TimeInterval) {
    var settled = Punches()
    let split = punches.flatMap { punch in punches.contains(where: punch.holds) ? punch.ends : [punch] }
    // The order of equal moments stays.
    let sorted = split.enumerated().sorted { ($0.element.begin, $0.offset) < ($1.element.begin, $1.offset) }
    for punch in sorted.map(\.element) { settled.add(punch, cooldown: cooldown) }
    self = settled
  }

  /// Removes and returns the punches that begin before a moment.
  mutating func removeAll(before end: Date) -> [Punch] {
    let count = punches.firstIndex { $0.begin >= end } ?? punches.count
    defer { punches.removeFirst(count) }
    return Array(punches.prefix(count))
  }

  /// Removes and returns the next punch, if it may be the way out of a shift that began at `begin`.
  mutating func removeEnd(ofShiftFrom begin: Date, hours: Double) -> Punch? {
    guard let next = punches.first, next.direction != .in, next.begin.timeIntervalSince(begin) <= hours * 3600 else {
      return nil
    }
    return punches.removeFirst()
  }
}
