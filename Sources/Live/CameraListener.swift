/// A receiver of what a camera session observes.
///
/// A session calls its listeners one after the other: first what keeps events, then snapshots, then displays.
public protocol CameraListener: Sendable {
  /// Receives an observation.
  ///
  /// - Throws: Any error. It ends the session.
  func session(_ camera: String, observed observation: Observation) throws

  /// Receives the last events when the session ends, for whatever reason: the ends of visits.
  ///
  /// - Throws: Any error. The end of the session reports it, after the other listeners were called.
  func session(_ camera: String, ended events: [TrackedEvent]) throws
}

extension CameraListener {
  /// Does nothing.
  public func session(_ camera: String, ended events: [TrackedEvent]) throws {}
}

/// Keeps snapshots of events. Never throws.
extension SnapshotKeeper: CameraListener {
  /// Keeps the heads of a picture's arrivals and changes of the mask.
  public func session(_ camera: String, observed observation: Observation) { keep(observation) }
}
