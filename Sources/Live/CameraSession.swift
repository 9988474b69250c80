public import Faces
public import Foundation
import Posix
import Store
public import Vision

/// A camera while it is watched: its pictures are processed, then events are kept, then snapshots, then pictures are
/// shown.
///
/// ```swift
/// let session = CameraSession("entrance", engine, roster, options: Tracker.Options(), listeners: [spool])
/// let observation = try session.look(at: image, time: Date())
/// try session.finish()
/// ```
///
/// Pictures of one camera come one after the other, from one thread at a time. `statistics` may be read from any
/// thread.
public final class CameraSession {
  /// The speed of a session, and its last picture.
  public struct Statistics: Sendable {
    /// The number of pictures per second, over the last seconds; nil before there are enough pictures to count.
    public var framesPerSecond: Double?
    /// Faces in the last picture.
    public var faces = 0
    /// The width of the last picture, in pixels; 0 before the first.
    public var width = 0
    /// The height of the last picture, in pixels; 0 before the first.
    public var height = 0
  }

  /// The name of the camera in the log.
  public let camera: String
  private let tracker: Tracker
  private let listeners: [any CameraListener]
  private let counts = Guarded(Counts())

  private struct Counts: Sendable {
    var rate = FrameRate()
    var statistics = Statistics()
  }

  /// Creates a session.
  ///
  /// - Parameters:
  ///   - camera: The name of the camera in the log.
  ///   - listeners: The listeners in the order of their calls: first what keeps events, then snapshots, then displays.
  public init(
    _ camera: String, _ engine: FaceEngine, _ roster: SharedRoster, options: Tracker.Options,
    listeners: [any CameraListener]
  ) {
    self.camera = camera
    self.listeners = listeners
    tracker = Tracker(engine, roster, source: .camera(camera), options: options)
  }

  /// Processes the next picture and calls every listener.
  ///
  /// - Parameters:
  ///   - time: When the picture was taken.
  ///   - captured: When it reached this machine.
  ///   - position: Seconds from a film's beginning; nil for cameras.
  /// - Throws: `VisionError` when a network fails, and what a listener throws.
  @discardableResult
  public func look(at image: Image, time: Date, captured: Date? = nil, position: Double? = nil) throws -> Observation {
    let (faces, events) = try tracker.look(at: image, time: time)
    let observation = Observation(
      camera: camera, image: image, time: time, captured: captured ?? time, position: position, faces: faces,
      events: events, open: tracker.open, learnt: tracker.learnt)
    for listener in listeners { try listener.session(camera, observed: observation) }
    counts.withLock { counts in
      counts.rate.count()
      counts.statistics = Statistics(faces: faces.count, width: image.width, height: image.height)
    }
    return observation
  }

  /// Ends all visits and calls every listener, even if one of them throws.
  ///
  /// - Throws: What a listener throws; the first error, if several do.
  public func finish() throws {
    let events = tracker.finish()
    var failure: (any Error)?
    for listener in listeners {
      do {
        try listener.session(camera, ended: events)
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  /// The statistics of the session.
  public var statistics: Statistics {
    counts.withLock { counts in
      var statistics = counts.statistics
      statistics.framesPerSecond = counts.rate.perSecond
      return statistics
    }
  }
}

/// The number of pictures per second, over the last seconds.
private struct FrameRate {
  private static let span: Duration = .seconds(3)
  private var times: [ContinuousClock.Instant] = []

  mutating func count() {
    let now = ContinuousClock.now
    times.append(now)
    if let first = times.firstIndex(where: { now - $0 <= Self.span }), first > 0 { times.removeFirst(first) }
  }

  /// Nil before there are enough pictures to count.
  var perSecond: Double? {
    let now = ContinuousClock.now
    let recent = times.filter { now - $0 <= Self.span }
    guard let first = recent.first, recent.count > 1 else { return nil }
    return Double(recent.count - 1) / max(0.1, (now - first) / .seconds(1))
  }
}
