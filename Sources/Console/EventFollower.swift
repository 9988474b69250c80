import Foundation
import Posix
import Store

/// Finds out what cameras of other processes have brought into the log.
///
/// A private MongoDB has no change streams, so the newest part of the log is read again and again: a small read by an index, twice a second.
///
/// `@unchecked Sendable`: the timer's serial queue alone touches what changes; `known` is guarded.
final class EventFollower: @unchecked Sendable {
  private static let pause = 0.5
  /// What is older than this, in seconds, is history by the time it arrives: it was on another machine's disk while the database was away.
  private static let span = 60.0

  private let store: Store
  private let announce: @Sendable ([Sighting]) -> Void
  private let timer: any DispatchSourceTimer
  /// Announced events, by id, with their times.
  private let known = Guarded<[String: Date]>([:])

  init(_ store: Store, announce: @escaping @Sendable ([Sighting]) -> Void) {
    self.store = store
    self.announce = announce
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "events"))
    timer.setEventHandler { [weak self] in self?.look() }
    // What is there already is no news.
    note(recent())
    timer.schedule(deadline: .now() + Self.pause, repeating: Self.pause)
    timer.resume()
  }

  /// Events that this process announces itself.
  func note(_ events: [Sighting]) {
    known.withLock { known in
      for event in events { known[event.id] = event.time }
    }
  }

  func stop() { timer.cancel() }

  private func look() {
    let events = recent()
    let oldest = Date(timeIntervalSinceNow: -2 * Self.span)
    let new = known.withLock { known in
      known = known.filter { $0.value >= oldest }
      return events.filter { known.updateValue($0.time, forKey: $0.id) == nil }
    }
    if !new.isEmpty { announce(new) }
  }

  private func recent() -> [Sighting] {
    var events: [Sighting] = []
    // While the database is away there is nothing to tell.
    try? store.forEachSighting(.init(from: Date(timeIntervalSinceNow: -Self.span))) { events.append($0) }
    return events
  }
}
