public import Foundation
public import Store
import Vision

/// A keeper of snapshots: it writes them to the database and removes those that have expired.
///
/// Snapshots are less important than events. They wait in memory, in a queue of limited length, and a thread of the
/// keeper writes them to the database. If the database cannot be reached or is too slow, snapshots are lost and
/// counted. The caller never waits.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked.
public final class SnapshotKeeper: @unchecked Sendable {
  /// The numbers of snapshots so far, and the last failure.
  public struct State: Sendable, Equatable {
    /// Snapshots in the database.
    public internal(set) var kept = 0
    /// Snapshots that could not be kept because the database could not be reached or was too slow.
    public internal(set) var lost = 0
    /// Snapshots of a film that is too old: they had expired already.
    public internal(set) var late = 0
    /// Why the last snapshot was lost; nil if one was kept since. It names no person.
    public internal(set) var failure: String?
  }

  /// The maximum length of a snapshot's longer side, in pixels.
  static let longestSide = 320
  private static let quality = 85
  private static let secondsPerDay = 86_400.0
  /// The time from one removal to the next, and the time after one that failed.
  private static let removalPause = (regular: Duration.seconds(3600), failed: Duration.seconds(60))
  private static let longestWait = 60.0

  private struct Waiting {
    let snapshot: Snapshot
    let image: Image
  }

  private let store: Store
  private let days: Int?
  private let capacity: Int
  private let report: @Sendable (State) -> Void
  private let condition = NSCondition()
  private var queue: [Waiting] = []
  private var isWriting = false
  private var isClosing = false
  private var isDone = false
  private var counts = State()

  /// Creates a keeper. It begins by removing expired snapshots.
  ///
  /// - Parameters:
  ///   - store: Must stay open until the keeper is closed.
  ///   - days: The number of days for which each snapshot is kept, limited to `Snapshot.retention`. Nil to keep none.
  ///   - report: Called on the keeper's thread after each snapshot.
  public convenience init(_ store: Store, days: Int?, report: @escaping @Sendable (State) -> Void = { _ in }) {
    self.init(store, days: days, capacity: 64, report: report)
  }

  /// - Parameter capacity: The number of snapshots that may wait. Each takes up to 300 KB.
  init(_ store: Store, days: Int?, capacity: Int, report: @escaping @Sendable (State) -> Void) {
    self.store = store
    self.days = days.map { min(max($0, Snapshot.retention.lowerBound), Snapshot.retention.upperBound) }
    self.capacity = capacity
    self.report = report
    Thread.detachNewThread { self.run() }
  }

  /// The numbers of snapshots so far, and the last failure.
  public var state: State { condition.withLock { counts } }

  /// Whether a snapshot of this event is kept, unless it is lost.
  public func keeps(_ event: Event) -> Bool { days != nil && (event.kind == .arrival || event.kind == .mask) }

  /// Keeps snapshots of an observation's arrivals and changes of the mask. It never waits and never fails.
  public func keep(_ observation: Observation) {
    guard let days else { return }
    for event in observation.events where keeps(event.event) {
      let now = Date()
      // A film may state a recording time in the future. Its snapshots are not kept longer for that.
      let expires = min(event.event.time, now) + Double(days) * Self.secondsPerDay
      guard expires > now else {
        condition.withLock { counts.late += 1 }
        continue
      }
      do {
        guard let head = try observation.head(of: event, longestSide: Self.longestSide) else { continue }
        add(Waiting(snapshot: Snapshot(of: event.event, expires: expires), image: head))
      } catch {
        condition.withLock { counts.lost += 1 }
      }
    }
  }

  /// Ends the keeper. Waits up to `timeout` seconds until the waiting snapshots are written. The rest is lost.
  public func close(timeout: TimeInterval) -> State {
    condition.withLock {
      isClosing = true
      condition.broadcast()
      let limit = Date(timeIntervalSinceNow: timeout)
      while !isDone, condition.wait(until: limit) {}
      counts.lost += queue.count + (isWriting ? 1 : 0)
      queue = []
      return counts
    }
  }

  private func add(_ waiting: Waiting) {
    condition.withLock {
      guard queue.count < capacity, !isClosing else {
        counts.lost += 1
        return
      }
      queue.append(waiting)
      condition.broadcast()
    }
  }

  private func run() {
    // Not by the clock on the wall: a clock that is set back would put the next removal off.
    var nextRemoval = ContinuousClock.now
    while true {
      if ContinuousClock.now >= nextRemoval {
        let isRemoved = (try? store.removeExpiredSnapshots()) != nil
        nextRemoval = .now + (isRemoved ? Self.removalPause.regular : Self.removalPause.failed)
      }
      let next = condition.withLock { () -> Waiting? in
        // Condition variables wait by the wall clock, so they are asked to wait for a minute at most.
        while queue.isEmpty, !isClosing, ContinuousClock.now < nextRemoval {
          let rest = min((nextRemoval - .now) / .seconds(1), Self.longestWait)
          _ = condition.wait(until: Date(timeIntervalSinceNow: rest))
        }
        isWriting = !queue.isEmpty
        if !isWriting, isClosing {
          isDone = true
          condition.broadcast()
        }
        return isWriting ? queue.removeFirst() : nil
      }
      if let next {
        write(next)
      } else if condition.withLock({ isDone }) {
        return
      }
    }
  }

  private func write(_ waiting: Waiting) {
    var failure: String?
    var isKept = false
    do {
      let jpeg = try waiting.image.encoded(as: .jpeg, quality: Self.quality)
      isKept = try store.keep(waiting.snapshot, jpeg: jpeg)
    } catch {
      failure = "\(error)"
    }
    let state = condition.withLock {
      isWriting = false
      counts.kept += isKept ? 1 : 0
      counts.lost += failure == nil ? 0 : 1
      counts.failure = failure
      return counts
    }
    report(state)
  }
}
