public import Attendance
import Foundation
import Posix
import Store
import Values

/// A keeper of events: it puts them into the spool, and goes on when the disk does not take them.
///
/// ```swift
/// let keeper = EventKeeper(spool) { print($0) }
/// let session = CameraSession("entrance", engine, roster, options: Tracker.Options(), listeners: [keeper])
/// ```
///
/// Events that the disk does not take wait in memory, and are offered again every second. So a disk that is full for a
/// while delays events and loses none. It also keeps the ends of open visits on disk, so that a process that is killed
/// loses no more than half a second of them.
public final class EventKeeper: Sendable {
  /// The seconds from one attempt to the next.
  private static let pause: Duration = .seconds(1)
  /// The number of events that may wait in memory: days of a busy door.
  private static let capacity = 100_000

  private struct State {
    var waiting: [Event] = []
    var failed: ContinuousClock.Instant?
  }

  /// The spool.
  public let spool: Spool
  private let patience: Duration
  private let report: @Sendable (String) -> Void
  private let state = Guarded(State())

  /// Creates a keeper.
  ///
  /// - Parameters:
  ///   - spool: Must stay open until all sessions have ended.
  ///   - patience: The time for which the end of a session waits for the disk.
  ///   - report: Called when events begin to wait, and when they are on disk. It names no person.
  public init(_ spool: Spool, patience: Duration = .seconds(10), report: @escaping @Sendable (String) -> Void) {
    (self.spool, self.patience, self.report) = (spool, patience, report)
  }

  /// Offers events, and those that wait, to the spool.
  ///
  /// - Parameter isForced: Whether to try at once, even if the last attempt has just failed.
  /// - Returns: The failure; nil if nothing waits any more.
  @discardableResult
  private func keep(_ events: [Event], isForced: Bool = false) -> SpoolError? {
    state.withLock { state -> SpoolError? in
      state.waiting += events.prefix(max(0, Self.capacity - state.waiting.count))
      let now = ContinuousClock.now
      guard !state.waiting.isEmpty else { return nil }
      if !isForced, let failed = state.failed, now - failed < Self.pause { return nil }
      do throws(SpoolError) {
        try appendWaiting(&state.waiting)
        if state.failed != nil { report("events are on this machine's disk again") }
        state.failed = nil
        return nil
      } catch {
        if state.failed == nil { report("events wait in memory: \(error)") }
        state.failed = now
        return error
      }
    }
  }

  /// - Throws: What concerns the disk. An event that no disk would take is reported and dropped.
  private func appendWaiting(_ waiting: inout [Event]) throws(SpoolError) {
    while !waiting.isEmpty {
      do {
        try spool.append(waiting)
        waiting = []
      } catch let error as SpoolError where error.code == .invalidValue {
        let wrong = waiting.firstIndex { event in (try? Spool.check(event)) == nil } ?? 0
        report("an event is lost: \(error)")
        waiting.remove(at: wrong)
      } catch let error as SpoolError {
        throw error
      } catch {
        throw SpoolError(.unusable, "Keeping an event on disk", cause: "\(error)", advice: "Try again.")
      }
    }
  }
}

extension EventKeeper: CameraListener {
  /// Keeps a picture's events, and the ends of open visits.
  public func session(_ camera: String, observed observation: Observation) {
    keep(observation.events.map(\.event))
    // Without it a visit loses its end only if the process is killed too. The next picture tries again.
    try? spool.checkpoint(observation.open.map(\.event), of: camera)
  }

  /// Keeps the last events. Waits a while for a disk that does not take them.
  ///
  /// - Throws: `SpoolError` if the disk does not take them. They are lost.
  public func session(_ camera: String, ended events: [TrackedEvent]) throws {
    let deadline = ContinuousClock.now + patience
    var failure = keep(events.map(\.event), isForced: true)
    while failure != nil, ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: 0.2)
      failure = keep([], isForced: true)
    }
    // What the disk does not have keeps its provisional end.
    if let failure { throw failure }
    try? spool.checkpoint([], of: camera)
  }
}
