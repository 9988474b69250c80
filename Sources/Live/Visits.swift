import Attendance
import Foundation
import Store
import Values

/// What tracks become in the log: visits, each with an arrival, changes of the mask, and an end.
///
/// A known person's visit goes on for as long as the person comes back within the cooldown, whatever tracks that takes.
/// Somebody who is not known has a visit for each track, because nothing of an unknown face is kept.
struct Visits {
  private struct Visit {
    let number: Int
    let personID: String?
    var last: TrackedEvent
    /// What the log says of the mask.
    var mask: MaskLabel?
    var changes = 0
  }

  /// Whose visit it is.
  private enum Key: Hashable {
    case person(String)
    case track(Int)
  }

  private let source: Event.Source
  private let cooldown: TimeInterval
  private let run = UUID()
  private var next = 1
  private var visits: [Key: Visit] = [:]

  init(source: Event.Source, cooldown: TimeInterval) {
    self.source = source
    self.cooldown = cooldown
  }

  /// A track is seen whose face has been decided upon.
  mutating func update(_ track: Track) -> [TrackedEvent] {
    let key = track.identity.map { Key.person($0.personID) } ?? .track(track.number)
    var events: [TrackedEvent] = []
    if track.identity != nil { events += end(.track(track.number)) }
    var visit: Visit
    if let open = visits[key],
      track.identity == nil || track.lastSeen.timeIntervalSince(open.last.event.time) <= cooldown
    {
      visit = open
      visit.last = event(track, visit.number, .seen, "seen", at: track.lastSeen)
    } else {
      events += end(key)
      let arrival = event(track, next, .arrival, "arrival", at: track.begin)
      events.append(arrival)
      visit = Visit(
        number: next, personID: track.identity?.personID,
        last: event(track, next, .seen, "seen", at: track.lastSeen),
        mask: track.masks.status.map(\.label).flatMap { $0 == .unsure ? nil : $0 })
      next += 1
    }
    if let mask = track.masks.settled, mask != visit.mask {
      visit.mask = mask
      visit.changes += 1
      events.append(event(track, visit.number, .mask, "mask:\(visit.changes)", at: track.lastSeen))
    }
    visits[key] = visit
    return events
  }

  /// A track has ended. Only the visits of those who are not known end with it.
  mutating func end(of track: Track) -> [TrackedEvent] { end(.track(track.number)) }

  /// Ends the visits of people who did not come back.
  mutating func expire(at time: Date) -> [TrackedEvent] {
    let over = visits.filter { $0.value.personID != nil && time.timeIntervalSince($0.value.last.event.time) > cooldown }
    return over.sorted { $0.value.number < $1.value.number }.flatMap { end($0.key) }
  }

  /// Ends all visits.
  mutating func close() -> [TrackedEvent] {
    visits.sorted { $0.value.number < $1.value.number }.flatMap { end($0.key) }
  }

  /// Forgets the visits of people who were forgotten: nothing more is written of them.
  mutating func dropVisits(ofAllBut names: [String: String]) {
    visits = visits.filter { $0.value.personID.map { names[$0] != nil } ?? true }
  }

  private mutating func end(_ key: Key) -> [TrackedEvent] {
    visits.removeValue(forKey: key).map { [$0.last] } ?? []
  }

  private func event(_ track: Track, _ number: Int, _ kind: Event.Kind, _ what: String, at time: Date) -> TrackedEvent {
    TrackedEvent(
      track: track.number,
      event: Event(
        id: EventID.live(run: run, visit: number, what), kind: kind, time: time, source: source, box: track.head,
        status: track.status, identification: track.identity, mask: track.masks.status?.label))
  }
}
