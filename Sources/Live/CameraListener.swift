public import Attendance

/// A receiver of what a camera session observes.
///
/// A session calls its listeners one after the other: first what keeps events, then snapshots, then displays.
public protocol CameraListener: Sendable {
  /// Receives an observation.
  ///
  /// - Throws: Any error. It ends the session.
  func session(_ camera: String, observed observation: Observation) throws

  /// Receives the last events when the session ends: the ends of visits.
  ///
  /// - Throws: Any error. The end of the session reports it.
  func session(_ camera: String, ended events: [TrackedEvent]) throws
}

extension CameraListener {
  /// Does nothing.
  public func session(_ camera: String, ended events: [TrackedEvent]) throws {}
}

/// Keeps events on disk. When a call returns, its events are on disk.
extension Spool: CameraListener {
  /// Keeps a picture's events.
  ///
  /// - Throws: `SpoolError`.
  public func session(_ camera: String, observed observation: Observation) throws {
    try append(observation.events.map(\.event))
  }

  /// Keeps the last events.
  ///
  /// - Throws: `SpoolError`.
  public func session(_ camera: String, ended events: [TrackedEvent]) throws {
    try append(events.map(\.event))
  }
}

/// Keeps snapshots of events. Never throws.
extension SnapshotKeeper: CameraListener {
  /// Keeps the heads of a picture's arrivals and changes of the mask.
  public func session(_ camera: String, observed observation: Observation) { keep(observation) }
}
