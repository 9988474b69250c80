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
  /// The ID of another person who is about equally near, such as a twin; nil if there is none.
  public let rivalID: String?

  /// Creates an identification.
  public init(personID: String, confidence: Double, method: RecognitionMethod, rivalID: String? = nil) {
    self.personID = personID
    self.confidence = confidence
    self.method = method
    self.rivalID = rivalID
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
  /// Another person who is about equally near; nil if there is none.
  public let rival: PersonName?

  /// The name, with that of a person who is about equally near; nil without an identification.
  public var eitherName: String? { name.map { name in rival.map { "\(name) or \($0.name)" } ?? name } }

  /// Creates a face.
  ///
  /// - Parameter names: The names of people by their IDs; without its name, a person is called by the ID.
  public init(
    box: Rect, score: Double, mask: MaskStatus, status: FaceStatus, identification: Identification? = nil,
    names: [String: String] = [:]
  ) {
    self.box = box
    self.score = score
    self.mask = mask
    self.status = status
    self.identification = identification
    name = identification.map { names[$0.personID] ?? $0.personID }
    rival = identification?.rivalID.map { PersonName(id: $0, name: names[$0]) }
  }
}
