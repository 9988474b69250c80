import Faces
import Foundation
import Live
import Posix
import Terminal
import Video

/// One camera or film of `rollcall live`.
final class LiveView: Sendable {
  private let session: SourceSession
  private let display: LiveDisplay
  private let started = ContinuousClock.now

  /// - Parameter keepers: The listeners that store events, then those that store snapshots.
  init(
    _ source: NamedSource, _ engine: FaceEngine, _ roster: SharedRoster, _ options: Tracker.Options,
    _ playback: SourceSession.Playback, keepers: [any CameraListener], display: LiveDisplay
  ) {
    self.display = display
    let (name, isFilm) = (source.name, source.source.kind == .film)
    session = SourceSession(
      name, source.source, engine, roster, options: options, playback: playback, listeners: keepers + [display]
    ) { state in
      if !isFilm { Self.report(state, of: name) }
    }
  }

  private static func report(_ state: Camera.State, of name: String) {
    switch state.phase {
    case .waiting(let pause):
      let wait = pause < 1 ? "half a second" : "\(Int(pause)) s"
      Diagnostics.warn("\(name): \(state.failure?.reason ?? "no picture"); trying again in \(wait)")
    case .running: Diagnostics.note("\(name): \(state.width)×\(state.height) pixels")
    case .connecting, .ended: break
    }
  }

  /// Runs all views, each on its own thread, and waits until they end.
  ///
  /// - Returns: Whether a view has failed.
  static func runAll(_ views: [LiveView]) -> Bool {
    let hasFailed = Guarded(false)
    for view in views {
      view.session.start { error in
        view.display.close()
        switch error {
        case nil: break
        case let error as OutputError where error.exitStatus == 0:
          // Standard output was closed, so the other views are not needed either.
          for view in views { view.stop() }
        case let error?:
          Diagnostics.error("\(view.session.name): \(described(error))")
          hasFailed.withLock { $0 = true }
        }
      }
    }
    for view in views { view.session.wait() }
    return hasFailed.withLock { $0 }
  }

  func stop() { session.stop() }

  /// A line about the processed pictures, for people.
  var summary: String {
    let state = session.state
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    var parts = ["\(state.frames) picture\(state.frames == 1 ? "" : "s") looked at"]
    if seconds > 0 { parts[0] += " (\((Double(state.frames) / seconds * 10).rounded() / 10) a second)" }
    if state.dropped > 0 { parts.append("\(state.dropped) left out for newer ones") }
    if state.reconnects > 0 { parts.append("reconnected \(state.reconnects) times") }
    return "\(session.name): " + (parts + display.latency).joined(separator: ", ")
  }
}
