/// The ID and the name of an enrolled person, as messages show them.
public struct PersonName: Sendable, Equatable {
  /// The person's ID.
  public let id: String
  /// The person's name.
  public let name: String

  /// Creates a person's name. If `name` is nil, the ID takes its place.
  public init(id: String, name: String?) {
    self.id = id
    self.name = name ?? id
  }
}

/// The answer of a search: an enrolled person, a confidence and a method.
public struct Identification: Sendable, Equatable {
  /// The person's ID.
  public let personID: String
  /// The probability that this is the person, 0…1.
  public let confidence: Double
  /// What the person was recognised by.
  public let method: RecognitionMethod

  /// Creates an identification.
  public init(personID: String, confidence: Double, method: RecognitionMethod) {
    self.personID = personID
    self.confidence = confidence
    self.method = method
  }
}

/// A face in a picture, with its mask status and, if it was recognised, the person.
public struct IdentifiedFace: Sendable, Equatable {
  /// The head, in the picture's pixels.
  public let box: Rect
  /// The score of the detection, 0…1.
  public let score: Double
  /// What covers the face.
  public let mask: MaskStatus
  /// Whether the face was recognised.
  public let status: FaceStatus
  /// The person; nil unless `status` is `known`.
  public let identification: Identification?
  /// The person's name; nil without an identification: for a person who is not enrolled, or if no search was requested.
  public let name: String?

  /// Creates a face.
  ///
  /// - Parameter name: The name that belongs to the identification; nil to use the person's ID.
  public init(
    box: Rect, score: Double, mask: MaskStatus, status: FaceStatus, identification: Identification? = nil,
    name: String? = nil
  ) {
    self.box = box
    self.score = score
    self.mask = mask
    self.status = status
    self.identification = identification
    self.name = identification.map { name ?? $0.personID }
  }
}
