import Dispatch
public import Faces
public import Foundation
import Posix
public import Video

/// A source that is watched on its own thread: a camera until it is stopped, a film until it ends.
///
/// ```swift
/// let session = try SourceSession(
///   "entrance", VideoSource("/dev/video0"), engine, roster, options: Tracker.Options(), listeners: [spool])
/// session.start { error in if let error { print(error) } }
/// session.wait()  // Returns when the film ends, or after stop().
/// ```
///
/// `@unchecked Sendable`: only the session's thread gives pictures to `session`; what other threads read is guarded.
public final class SourceSession: @unchecked Sendable {
  /// How films are read.
  public struct Playback: Sendable {
    /// Processes every picture, as fast as possible, instead of at the film's own speed.
    public var isFast = false
    /// When the film was recorded; nil for now.
    public var began: Date?
    /// Begins the film again when it ends, so that it goes on like a camera.
    public var loops = false

    /// Creates the defaults: at the film's own speed, once.
    public init() {}
  }

  /// The name of the source in the log.
  public let name: String
  /// The camera or film that is watched.
  public let source: VideoSource
  private let playback: Playback
  private let session: CameraSession
  private let current: Guarded<(camera: Camera, isStopped: Bool)>
  private let report: @Sendable (Camera.State) -> Void
  private let done = DispatchGroup()

  /// Creates a session.
  ///
  /// - Parameters:
  ///   - name: The name of the source in the log.
  ///   - listeners: The listeners in the order of their calls: first what keeps events, then snapshots, then displays.
  ///   - report: Called on the session's thread when the camera's phase has changed.
  public init(
    _ name: String, _ source: VideoSource, _ engine: FaceEngine, _ roster: SharedRoster, options: Tracker.Options,
    playback: Playback = Playback(), listeners: [any CameraListener],
    report: @escaping @Sendable (Camera.State) -> Void = { _ in }
  ) {
    (self.name, self.source, self.playback, self.report) = (name, source, playback, report)
    session = CameraSession(name, engine, roster, options: options, listeners: listeners)
    current = Guarded((Camera(source, everyFrame: playback.isFast, report: report), false))
  }

  /// Begins to watch.
  ///
  /// - Parameter whenOver: Called on the session's thread at the end, with the error that ended the session, if there
  ///   was one.
  public func start(whenOver: @escaping @Sendable ((any Error)?) -> Void) {
    done.enter()
    let thread = Thread { [self] in
      var failure: (any Error)?
      do {
        try run()
      } catch {
        failure = error
      }
      // After an error too: the source has no reader any more.
      current.withLock { $0.camera.close() }
      whenOver(failure)
      done.leave()
    }
    // Networks and decoders use more stack than a thread has by default.
    thread.stackSize = 8 << 20
    thread.name = "camera"
    thread.start()
  }

  /// Asks the thread to end. The listeners still receive the ends of the last visits.
  public func stop() {
    current.withLock {
      $0.isStopped = true
      $0.camera.close()
    }
  }

  /// Waits until the thread has ended.
  public func wait() { done.wait() }

  /// The state of the source.
  public var state: Camera.State { current.withLock { $0.camera.state } }

  /// The statistics of the session.
  public var statistics: CameraSession.Statistics { session.statistics }

  private func run() throws {
    var failure: (any Error)?
    do {
      repeat { try watch(current.withLock { $0.camera }) } while beginsAgain()
    } catch {
      failure = error
    }
    // Visits end on every way out.
    do {
      try session.finish()
    } catch {
      failure = failure ?? error
    }
    if let failure { throw failure }
  }

  private func watch(_ camera: Camera) throws {
    var began: Date?
    while let frame = try camera.next() {
      guard source.kind == .film, !playback.loops else {
        try session.look(at: frame.image, time: frame.captured)
        continue
      }
      let begin =
        began ?? playback.began ?? Date(timeIntervalSinceNow: playback.isFast ? -(frame.length ?? 0) : 0)
      began = begin
      try session.look(
        at: frame.image, time: begin + frame.position, captured: frame.captured, position: frame.position)
    }
  }

  private func beginsAgain() -> Bool {
    current.withLock {
      guard !$0.isStopped, source.kind == .film, playback.loops else { return false }
      // A film that begins again is a new source.
      $0.camera = Camera(source, everyFrame: playback.isFast, report: report)
      return true
    }
  }
}
