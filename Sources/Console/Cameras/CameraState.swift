import Formats
import Live
import Video

/// The state of a camera, as clients see it.
struct CameraState: Sendable {
  enum Kind: String, Sendable {
    case source
    case browser
  }

  let name: String
  let kind: Kind
  /// The address without user name and password; nil for a browser's camera.
  var source: String?
  let phase: String
  var width = 0
  var height = 0
  var rate: Double?
  var dropped = 0
  var reconnects = 0
  var faces = 0
  var failure: String?

  var json: JSONValue {
    [
      "name": .string(name), "kind": .string(kind.rawValue), "source": .optional(source), "phase": .string(phase),
      "width": .int(width), "height": .int(height), "framesPerSecond": .optional(rate.map { ($0 * 10).rounded() / 10 }),
      "dropped": .int(dropped), "reconnects": .int(reconnects), "faces": .int(faces), "failure": .optional(failure),
    ]
  }
}

extension CameraState {
  /// The state of a source that the server watches itself.
  init(_ session: SourceSession) {
    let (state, statistics) = (session.state, session.statistics)
    let phase =
      switch state.phase {
      case .connecting: "connecting"
      case .running: "running"
      case .waiting: "waiting"
      case .ended: "ended"
      }
    self.init(
      name: session.name, kind: .source, source: session.source.name, phase: phase, width: state.width,
      height: state.height, rate: statistics.framesPerSecond, dropped: state.dropped, reconnects: state.reconnects,
      faces: state.phase == .running ? statistics.faces : 0,
      failure: state.failure.map { "\($0.reason). \($0.advice)" })
  }
}
