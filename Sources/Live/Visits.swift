import Attendance
import Foundation
import Store
import Values

/// Turns tracks into visits for the log. Each visit has an arrival, changes of the mask, and an end.
///
/// The visit of a known person continues as long as the person comes back within the cooldown, in any number of tracks.
/// An unknown person has one visit per track, because nothing of an unknown face is kept.
struct Visits {
  private struct Visit {
    let number: Int
    let personID: String?
    var last: TrackedEvent
    /// The mask label that the log has.
    var mask: MaskLabel?
    var changes = 0
  }

  /// The person or track that a visit belongs to.
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
    // A track that is still followed is no second visit.
    self.cooldown = max(cooldown, Tracker.patience)
  }

  /// Updates the visit of a track that was seen and is decided. Returns the new events.
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
      let arrival = event(track, next, .arrival, "arrival", at: track.identityBegan)
      events.append(arrival)
      visit = Visit(
        number: next, personID: track.identity?.personID,
        last: event(track, next, .seen, "seen", at: track.lastSeen),
        mask: track.masks.logged.flatMap { $0 == .unsure ? nil : $0 })
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

  /// Ends the visit of a track that has ended, if its face is unknown.
  mutating func end(of track: Track) -> [TrackedEvent] { end(.track(track.number)) }

  /// Ends the visits of people who did not come back within the cooldown.
  mutating func expire(at time: Date) -> [TrackedEvent] {
    let over = visits.filter { $0.value.personID != nil && time.timeIntervalSince($0.value.last.event.time) > cooldown }
    return over.sorted { $0.value.number < $1.value.number }.flatMap { end($0.key) }
  }

  /// The events that would end the visits now.
  var open: [TrackedEvent] { visits.values.sorted { $0.number < $1.number }.map(\.last) }

  /// Ends all visits.
  mutating func close() -> [TrackedEvent] {
    defer { visits = [:] }
    return open
  }

  /// Removes the visits of people who were forgotten, so that nothing more is logged of them.
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
        status: track.status, identification: track.identity, mask: track.masks.logged))
  }
}
