public import Attendance

/// What wants to know what a camera session sees. A session asks its listeners one after the other: what keeps events
/// comes first, then snapshots, then displays.
public protocol CameraListener: Sendable {
  /// Gets a picture that was looked at.
  ///
  /// - Throws: what ends the session.
  func session(_ camera: String, observed observation: Observation) throws

  /// Gets what the session's end brings: the ends of visits.
  ///
  /// - Throws: what the session's end reports.
  func session(_ camera: String, ended events: [TrackedEvent]) throws
}

extension CameraListener {
  /// Nothing to do at the end.
  public func session(_ camera: String, ended events: [TrackedEvent]) throws {}
}

/// Keeps events on disk: when a call returns, they are there.
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

/// Keeps pictures of events. Never throws.
extension SnapshotKeeper: CameraListener {
  /// Keeps the heads of a picture's arrivals and changes of the mask.
  public func session(_ camera: String, observed observation: Observation) { keep(observation) }
}
