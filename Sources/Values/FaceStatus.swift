/// Whether a face was recognised.
public enum FaceStatus: String, Sendable, CaseIterable {
  /// The face of an enrolled person.
  case known
  /// The face of a person who is not enrolled, or a face that is not decided yet.
  case unknown
  /// A face that is too small, too blurred or too dark to recognise.
  case poor
  /// A face for which no search was requested.
  case found
  /// The picture has no face.
  case noFace = "noface"
  /// The face of a person who was forgotten after the event.
  case forgotten

  /// The statuses that an event in the log can have.
  public static let logged: [FaceStatus] = [.known, .unknown, .poor, .forgotten]
  /// The statuses that a face in a picture can have.
  public static let seen: [FaceStatus] = [.known, .unknown, .poor, .found]

  /// The status that the log records for a face with this status.
  public var logged: FaceStatus {
    switch self {
    case .known, .unknown, .poor, .forgotten: self
    case .found: .unknown
    case .noFace: .poor
    }
  }
}
