import Foundation
import Posix
public import Store

/// What a spool keeps of visits that are still open.
struct Checkpoint {
  /// The time from one writing to the next. A process that is killed loses no more of a visit.
  static let pause: Duration = .milliseconds(500)
  /// The time from one wait for the disk to the next: what is lost when the machine itself stops.
  static let safePause: Duration = .seconds(10)

  /// The events that would end the open visits now, by session.
  var open: [String: [Event]] = [:]
  /// Whether the file differs from `open`.
  var isChanged = false
  var written: ContinuousClock.Instant?
  var synchronized: ContinuousClock.Instant?

  var events: [Event] { open.sorted { $0.key < $1.key }.flatMap(\.value) }
}

extension Spool {
  /// Keeps the events that would end a session's open visits now, in place of those that it gave before.
  ///
  /// If this process is killed, the next one that opens the spool delivers them: the visits then end half a second
  /// before the process did, at most. A visit that has ended is written with `append`, and has the same event ID.
  ///
  /// - Parameters:
  ///   - open: The events; empty when no visit is open.
  ///   - session: The name of the session.
  /// - Throws: `SpoolError`. The next call tries again.
  public func checkpoint(_ open: [Event], of session: String) throws {
    try condition.withLock {
      guard ownership != nil else { return }
      if checkpointed.open[session] ?? [] != open {
        checkpointed.open[session] = open.isEmpty ? nil : open
        checkpointed.isChanged = true
      }
      // Also what was not due, or failed, the last time.
      if checkpointed.isChanged { try writeCheckpoint() }
    }
  }

  private var checkpointFile: String { "\(owner)-\(SpoolFolder.Name.checkpoint)" }

  /// Writes the checkpoint if it is due. The caller holds `condition`.
  private func writeCheckpoint() throws {
    let now = ContinuousClock.now
    let events = checkpointed.events
    // The last visit of all has ended: its end is in a segment, so the file goes at once.
    guard events.isEmpty || checkpointed.written.map({ now - $0 >= Checkpoint.pause }) ?? true else { return }
    let isSafe = checkpointed.synchronized.map { now - $0 >= Checkpoint.safePause } ?? true
    var data = Data()
    for event in events { data.append(try SpoolLine.encode(event)) }
    try folder.withLock {
      try folder.attempt("Keeping open visits on disk") { () throws(SystemFailure) in
        if events.isEmpty {
          try folder.remove(checkpointFile)
        } else {
          try folder.replace(checkpointFile, with: data, isSynchronized: isSafe)
        }
      }
    }
    checkpointed.written = now
    if isSafe { checkpointed.synchronized = now }
    checkpointed.isChanged = false
  }
}
