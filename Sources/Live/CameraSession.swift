public import Faces
public import Foundation
import Posix
import Store
public import Vision

/// The way of a camera's pictures: looked at, events kept, snapshots kept, shown.
///
/// One at a time: pictures of one camera come one after the other. `statistics` may be read from any thread.
public final class CameraSession {
  /// How a session does.
  public struct Statistics: Sendable {
    /// Pictures looked at in a second, over the last seconds; nil before there is something to count.
    public var framesPerSecond: Double?
    /// Faces in the last picture.
    public var faces = 0
    /// Pixels across the last picture; 0 before the first.
    public var width = 0
    /// Pixels down.
    public var height = 0
  }

  /// What the log calls the camera.
  public let camera: String
  private let tracker: Tracker
  private let listeners: [any CameraListener]
  private let counts = Guarded(Counts())

  private struct Counts: Sendable {
    var rate = FrameRate()
    var statistics = Statistics()
  }

  /// Begins a session.
  ///
  /// - Parameters:
  ///   - camera: What the log calls the camera.
  ///   - listeners: In the order in which they are told: first what keeps events, then snapshots, then displays.
  public init(
    _ camera: String, _ engine: FaceEngine, _ roster: SharedRoster, options: Tracker.Options,
    listeners: [any CameraListener]
  ) {
    self.camera = camera
    self.listeners = listeners
    tracker = Tracker(engine, roster, source: .camera(camera), options: options)
  }

  /// Looks at the next picture and tells every listener.
  ///
  /// - Parameters:
  ///   - time: When it was taken.
  ///   - captured: When it reached this machine.
  ///   - position: Seconds from a film's beginning; nil for cameras.
  /// - Throws: `VisionError` when a network fails, and what a listener throws.
  @discardableResult
  public func look(at image: Image, time: Date, captured: Date? = nil, position: Double? = nil) throws -> Observation {
    let (faces, events) = try tracker.look(at: image, time: time)
    let observation = Observation(
      camera: camera, image: image, time: time, captured: captured ?? time, position: position, faces: faces,
      events: events)
    for listener in listeners { try listener.session(camera, observed: observation) }
    counts.withLock { counts in
      counts.rate.count()
      counts.statistics = Statistics(faces: faces.count, width: image.width, height: image.height)
    }
    return observation
  }

  /// Ends all visits, and tells every listener.
  ///
  /// - Throws: what a listener throws.
  public func finish() throws {
    let events = tracker.finish()
    for listener in listeners { try listener.session(camera, ended: events) }
  }

  /// How the session does.
  public var statistics: Statistics {
    counts.withLock { counts in
      var statistics = counts.statistics
      statistics.framesPerSecond = counts.rate.perSecond
      return statistics
    }
  }
}

/// Pictures a second, over the last seconds.
private struct FrameRate {
  private static let span: Duration = .seconds(3)
  private var times: [ContinuousClock.Instant] = []

  mutating func count() {
    let now = ContinuousClock.now
    times.append(now)
    if let first = times.firstIndex(where: { now - $0 <= Self.span }), first > 0 { times.removeFirst(first) }
  }

  /// nil before there is something to count.
  var perSecond: Double? {
    let now = ContinuousClock.now
    let recent = times.filter { now - $0 <= Self.span }
    guard let first = recent.first, recent.count > 1 else { return nil }
    return Double(recent.count - 1) / max(0.1, (now - first) / .seconds(1))
  }
}
