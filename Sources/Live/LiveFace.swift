/// A face in a live picture, with what its track knows by now.
public struct LiveFace: Sendable {
  /// The same for the same face from picture to picture, from 1 on.
  public let track: Int
  /// The face. What covers it is what did over its last pictures; it is unknown as long as that is not decided.
  public let found: FaceReport.Found
}
