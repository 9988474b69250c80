import Foundation
import Posix
import Store

/// Finds events that cameras of other processes have added to the log.
///
/// A private MongoDB has no change streams. The newest part of the log is therefore read twice a second. Each read is
/// small and uses an index.
///
/// `@unchecked Sendable`: mutable state is only accessed on the serial queue of the timer; `known` is guarded.
final class EventFollower: @unchecked Sendable {
  private static let pause = 0.5
  /// The age, in seconds, up to which events are announced. Older events waited on another machine's disk while the
  /// database could not be reached, and are no longer news.
  private static let span = 60.0

  private let store: Store
  private let announce: @Sendable ([Event]) -> Void
  private let timer: any DispatchSourceTimer
  /// The announced events, by ID, with their times.
  private let known = Guarded<[String: Date]>([:])

  init(_ store: Store, announce: @escaping @Sendable ([Event]) -> Void) {
    self.store = store
    self.announce = announce
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "events"))
    timer.setEventHandler { [weak self] in self?.announceNew() }
    // Events that are in the log already are not announced.
    ignore(recent())
    timer.schedule(deadline: .now() + Self.pause, repeating: Self.pause)
    timer.resume()
  }

  /// Excludes events that this process announces itself.
  func ignore(_ events: [Event]) {
    known.withLock { known in
      for event in events { known[event.id] = event.time }
    }
  }

  func stop() { timer.cancel() }

  private func announceNew() {
    let events = recent()
    let oldest = Date(timeIntervalSinceNow: -2 * Self.span)
    let new = known.withLock { known in
      known = known.filter { $0.value >= oldest }
      return events.filter { known.updateValue($0.time, forKey: $0.id) == nil }
    }
    if !new.isEmpty { announce(new) }
  }

  private func recent() -> [Event] {
    var events: [Event] = []
    // If the database cannot be reached, there is nothing to announce.
    try? store.forEachEvent(.init(from: Date(timeIntervalSinceNow: -Self.span))) { events.append($0) }
    return events
  }
}
