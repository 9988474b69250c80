public import Foundation
public import Store
public import Values
public import Vision

/// A face in a camera's picture, with what is known of its track so far.
public struct TrackedFace: Sendable {
  /// The number of the track, from 1 on. A face has the same number in all pictures.
  public let track: Int
  /// The face. Its mask status is the mean of the last pictures. It has no identification until that is decided.
  public let face: IdentifiedFace
}

/// An event for the attendance log, with its track.
public struct TrackedEvent: Sendable {
  /// The number of the track.
  public let track: Int
  /// The event.
  public let event: Event
}

/// One picture of a session with its faces and events.
public struct Observation: Sendable {
  /// The name of the camera or film in the log.
  public let camera: String
  /// The picture.
  public let image: Image
  /// When the picture was taken. For films, by the film's own clock.
  public let time: Date
  /// When the picture reached this machine.
  public let captured: Date
  /// Seconds from a film's beginning; nil for cameras.
  public let position: Double?
  /// The faces, in the order of their tracks.
  public let faces: [TrackedFace]
  /// The events for the log.
  public let events: [TrackedEvent]
  /// The events that would end the visits that are open now.
  public let open: [TrackedEvent]
  /// What the picture has taught about people behind their masks.
  public let learnt: [LearntLook]
}
