import Dispatch
public import Faces
public import Foundation
import Posix
public import Video

/// A source that is watched on a thread of its own: a camera until it is stopped, a film until it ends.
///
/// `@unchecked Sendable`: the thread alone touches `session`'s pictures; what others read is guarded.
public final class SourceSession: @unchecked Sendable {
  /// How films are read.
  public struct Playback: Sendable {
    /// Every picture, as fast as they can be looked at, instead of at the film's own speed.
    public var isFast = false
    /// When the film was recorded; nil for now.
    public var began: Date?
    /// The film begins again when it ends, as a camera would go on.
    public var loops = false

    /// At the film's own speed, once.
    public init() {}
  }

  /// What the log calls the source.
  public let name: String
  /// What is watched.
  public let source: VideoSource
  private let playback: Playback
  private let session: CameraSession
  private let current: Guarded<(camera: Camera, isStopped: Bool)>
  private let report: @Sendable (Camera.State) -> Void
  private let done = DispatchGroup()

  /// - Parameters:
  ///   - name: What the log calls the source.
  ///   - listeners: In the order in which they are told: first what keeps events, then snapshots, then displays.
  ///   - report: Is called on the session's thread when the camera's phase has changed.
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
  /// - Parameter whenOver: Is called on the session's thread at the end, with what ended it if that was an error.
  public func start(whenOver: @escaping @Sendable ((any Error)?) -> Void) {
    done.enter()
    let thread = Thread { [self] in
      var failure: (any Error)?
      do {
        try run()
      } catch {
        failure = error
      }
      // Also where looking has failed: nobody reads the source any more.
      current.withLock { $0.camera.close() }
      whenOver(failure)
      done.leave()
    }
    // Networks and decoders use more stack than a thread has by default.
    thread.stackSize = 8 << 20
    thread.name = "camera"
    thread.start()
  }

  /// Asks the thread to end; what its last visits were is told to the listeners.
  public func stop() {
    current.withLock {
      $0.isStopped = true
      $0.camera.close()
    }
  }

  /// Waits until the thread has ended.
  public func wait() { done.wait() }

  /// How the source does.
  public var state: Camera.State { current.withLock { $0.camera.state } }

  /// How looking at its pictures does.
  public var statistics: CameraSession.Statistics { session.statistics }

  private func run() throws {
    repeat { try watch(current.withLock { $0.camera }) } while beginsAgain()
    try session.finish()
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
