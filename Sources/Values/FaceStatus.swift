/// Whether a face was recognised.
public enum FaceStatus: String, Sendable, CaseIterable {
  /// The face of an enrolled person.
  case known
  /// Nobody who is enrolled, or not decided yet.
  case unknown
  /// Too small, blurred or dark to tell.
  case poor
  /// A face that nobody asked to recognise.
  case found
  /// The picture has no face.
  case noFace = "noface"
  /// The face of a person who was forgotten since.
  case forgotten

  /// The statuses that an event in the log can have.
  public static let logged: [FaceStatus] = [.known, .unknown, .poor, .forgotten]
  /// The statuses that a face in a picture can have.
  public static let seen: [FaceStatus] = [.known, .unknown, .poor, .found]

  /// The status that the log has for such a face.
  public var logged: FaceStatus {
    switch self {
    case .known, .unknown, .poor, .forgotten: self
    case .found: .unknown
    case .noFace: .poor
    }
  }
}
