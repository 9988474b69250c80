import Faces
import Foundation
import Formats
import Live
import Store
import Terminal
import Values
import Wire

/// Writes observations to standard output: faces for programs, events for people.
struct LivePrinter {
  private let format: LiveVerb.Format
  private let wire: WireFormat
  private let roster: SharedRoster
  /// Whether lines contain the name of the camera, because there are several.
  private let isNamed: Bool

  init(_ format: LiveVerb.Format, _ zone: TimeZone, _ roster: SharedRoster, isNamed: Bool) {
    self.format = format
    wire = WireFormat(timeZone: zone)
    self.roster = roster
    self.isNamed = isNamed
  }

  func print(_ observation: Observation) throws {
    switch format {
    case .text: try print(observation.events, of: observation.camera)
    case .jsonl:
      for face in observation.faces {
        var more: [JSONValue.Member] = [.init("track", .int(face.track))]
        if let position = observation.position {
          more.append(.init("position", .double((position * 1000).rounded() / 1000)))
        }
        let report = FaceReport(source: .camera(observation.camera), time: observation.time, face: face.face)
        try Output.standard.line(wire.json(report, .identity, more: more).text())
      }
    }
  }

  func print(_ events: [TrackedEvent], of camera: String) throws {
    guard format == .text else { return }
    let place = isNamed ? "\(camera)  " : ""
    for event in events.map(\.event) {
      let who = event.personID.map { "\(roster.current.names[$0] ?? $0) (\($0))" } ?? event.status.who
      let time = Timestamp.string(from: event.time, in: wire.timeZone)
      try Output.standard.line(displayable("\(time)  \(place)\(who) \(event.what)"))
    }
  }
}

extension FaceStatus {
  fileprivate var who: String {
    switch self {
    case .known, .unknown, .found: "somebody unknown"
    case .poor, .noFace: "a face too poor to tell"
    case .forgotten: "somebody forgotten"
    }
  }
}

extension Event {
  /// The event in words, to follow the person's name.
  fileprivate var what: String {
    switch kind {
    case .arrival, .photo: "arrived" + (mask.map { ", \($0.words)" } ?? "")
    case .mask: "now \(mask?.words ?? "unsure")"
    case .seen: "was last seen"
    }
  }
}

extension MaskLabel {
  fileprivate var words: String {
    switch self {
    case .mask: "mask"
    case .incorrect: "mask worn incorrectly"
    case .covering: "face covered, no mask"
    case .none: "no mask"
    case .unsure: "mask unsure"
    }
  }
}
