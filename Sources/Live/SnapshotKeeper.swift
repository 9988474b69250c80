public import Foundation
public import Store
import Vision

/// Keeps pictures as evidence of events, and removes those whose time is over.
///
/// Pictures are of second rank: they wait in memory, in a queue that has an end, and a thread of the keeper's own takes
/// them to the database. When that is away or too slow, pictures are lost and counted; whoever hands them in never
/// waits.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked.
public final class SnapshotKeeper: @unchecked Sendable {
  /// How it went so far.
  public struct State: Sendable, Equatable {
    /// Pictures in the database.
    public internal(set) var kept = 0
    /// Pictures that could not be kept: the database was away, or too slow.
    public internal(set) var lost = 0
    /// Pictures of a film that is too old: their time was over already.
    public internal(set) var late = 0
    /// Why the last picture was lost; nil when one was kept since. Names nobody.
    public internal(set) var failure: String?
  }

  /// Pixels of a picture's longer side.
  static let longestSide = 320
  private static let quality = 85
  private static let secondsPerDay = 86_400.0
  /// From one removal to the next, in seconds, and after one that failed.
  private static let removalPause = (regular: 3600.0, failed: 60.0)

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

  /// Begins with removing what is too old.
  ///
  /// - Parameters:
  ///   - store: Must stay open until the keeper is closed.
  ///   - days: For so long each picture is kept; within `Snapshot.retention`. Nil to keep none.
  ///   - report: Is called on the keeper's thread after each picture.
  public convenience init(_ store: Store, days: Int?, report: @escaping @Sendable (State) -> Void = { _ in }) {
    self.init(store, days: days, capacity: 64, report: report)
  }

  /// - Parameter capacity: Pictures that may wait; each takes up to 300 KB.
  init(_ store: Store, days: Int?, capacity: Int, report: @escaping @Sendable (State) -> Void) {
    self.store = store
    self.days = days.map { min(max($0, Snapshot.retention.lowerBound), Snapshot.retention.upperBound) }
    self.capacity = capacity
    self.report = report
    Thread.detachNewThread { self.run() }
  }

  /// How it went so far.
  public var state: State { condition.withLock { counts } }

  /// Whether a picture is kept of what happened, unless it is lost.
  public func keeps(_ event: Event) -> Bool { days != nil && (event.kind == .arrival || event.kind == .mask) }

  /// Keeps the pictures of an observation's arrivals and changes of the mask. Neither waits nor fails.
  public func keep(_ observation: Observation) {
    guard let days else { return }
    for event in observation.events where keeps(event.event) {
      let now = Date()
      // A film may say that it was recorded tomorrow; its pictures are kept no longer for that.
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

  /// Ends the keeper. Waits up to `timeout` seconds for the pictures that wait; what is left then is lost.
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
    var nextRemoval = Date()
    while true {
      if Date() >= nextRemoval {
        let isRemoved = (try? store.removeExpiredSnapshots()) != nil
        nextRemoval = Date() + (isRemoved ? Self.removalPause.regular : Self.removalPause.failed)
      }
      let next = condition.withLock { () -> Waiting? in
        while queue.isEmpty, !isClosing, condition.wait(until: nextRemoval) {}
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
