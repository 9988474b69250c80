public import Foundation
public import Store
public import Values
public import Vision

/// A face in a camera's picture, with what its track knows by now.
public struct TrackedFace: Sendable {
  /// The number of the track: the same for the same face from picture to picture, from 1 on.
  public let track: Int
  /// The face. What covers it is what did over its last pictures; it is unknown as long as that is not decided.
  public let face: IdentifiedFace
}

/// Something for the attendance log, with the track that it came from.
public struct TrackedEvent: Sendable {
  /// The number of the track.
  public let track: Int
  /// The event.
  public let event: Event
}

/// A camera's picture, looked at.
public struct Observation: Sendable {
  /// What the log calls the camera or film.
  public let camera: String
  /// The picture.
  public let image: Image
  /// When it was taken; a film's pictures by the film's own clock.
  public let time: Date
  /// When it reached this machine.
  public let captured: Date
  /// Seconds from a film's beginning; nil for cameras.
  public let position: Double?
  /// The faces, in the order of their tracks.
  public let faces: [TrackedFace]
  /// What happened, for the log.
  public let events: [TrackedEvent]
}
