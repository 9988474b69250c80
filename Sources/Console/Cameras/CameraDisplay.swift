import Formats
import Foundation
import Live
import Store
import Vision
import Wire

/// Shows the pictures of cameras to the viewers, and announces their events.
struct CameraDisplay: CameraListener {
  let feed: LiveFeed
  let wire: WireFormat
  /// Announces events. Each event is on disk by then.
  let announce: @Sendable ([Event]) -> Void

  func session(_ camera: String, observed observation: Observation) {
    announce(observation.events.map(\.event))
    feed.show(camera, observation.image, json(observation))
  }

  func session(_ camera: String, ended events: [TrackedEvent]) { announce(events.map(\.event)) }

  private func json(_ observation: Observation) -> [JSONValue.Member] {
    let age = max(0, Date().timeIntervalSince(observation.captured))
    return [
      .init("camera", .string(observation.camera)), .init("time", wire.time(observation.time)),
      .init("width", .int(observation.image.width)), .init("height", .int(observation.image.height)),
      .init("age", .double((age * 1000).rounded() / 1000)),
      .init("faces", .array(observation.faces.map { WireFormat.json($0.face, .identity, track: $0.track) })),
    ]
  }
}
