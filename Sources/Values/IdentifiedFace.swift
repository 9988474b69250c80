/// An enrolled person, as messages name them.
public struct PersonName: Sendable, Equatable {
  /// The person's ID.
  public let id: String
  /// The person's name.
  public let name: String

  /// A person; one whose name nobody knows is called by the ID.
  public init(id: String, name: String?) {
    self.id = id
    self.name = name ?? id
  }
}

/// The answer of a search: an enrolled person.
public struct Identification: Sendable, Equatable {
  /// The person's ID.
  public let personID: String
  /// The probability that this is the person, 0…1.
  public let confidence: Double
  /// What the person was recognised by.
  public let method: RecognitionMethod

  /// An answer.
  public init(personID: String, confidence: Double, method: RecognitionMethod) {
    self.personID = personID
    self.confidence = confidence
    self.method = method
  }
}

/// A face in a picture, with what is known of it.
public struct IdentifiedFace: Sendable, Equatable {
  /// The head, in the picture's pixels.
  public let box: Rect
  /// How sure the detector is that this is a face, 0…1.
  public let score: Double
  /// What covers the face.
  public let mask: MaskStatus
  /// Whether it was recognised.
  public let status: FaceStatus
  /// Whose face it is; nil unless `status` is `known`.
  public let identification: Identification?
  /// The person's name; nil for everybody who is not enrolled, and for all whom nobody asked about.
  public let name: String?

  /// A face in a box.
  ///
  /// - Parameter name: The name that belongs to the identification.
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
