public import Enroll
public import Mask
public import Vision

/// A face in a live picture, with what its track knows by now.
public struct LiveFace: Sendable {
  /// Whether the face was recognised.
  public enum Status: String, Sendable {
    /// Somebody who is enrolled.
    case known
    /// Nobody who is enrolled, or not decided yet.
    case unknown
    /// Too small or blurred to tell, up to now.
    case poor
  }

  /// The same for the same face from picture to picture, from 1 on.
  public let track: Int
  /// The head, in the picture's pixels.
  public let box: Rect
  /// How sure the detector is that this is a face, 0…1.
  public let score: Double
  /// What covers the face, over its last pictures.
  public let mask: MaskStatus
  /// Whether it was recognised.
  public let status: Status
  /// Nil unless the face is known.
  public let person: KnownPeople.Person?
}
