import Foundation

/// One face that was seen at one time.
public struct Sighting: Sendable, Equatable {
  /// Where the face was seen.
  public enum Source: Sendable, Equatable {
    /// Name of a camera.
    case camera(String)
    /// Path or name of a picture or video.
    case file(String)

    /// Name of the camera or file.
    public var name: String {
      switch self {
      case .camera(let name), .file(let name): name
      }
    }
  }

  /// What the sighting tells.
  public enum Kind: String, Sendable, CaseIterable {
    /// A person came: the one with which a visit begins.
    case arrival
    /// What covers the face has changed during a visit.
    case mask
    /// When the person was seen last: the end of a visit. It says nothing new of the face.
    case seen
    /// A face in a photo, and every sighting that was recorded before there were kinds.
    case photo
  }

  /// Whether the face was recognised.
  public enum Status: String, Sendable, CaseIterable {
    /// The face of an enrolled person.
    case known
    /// Nobody who is enrolled.
    case unknown
    /// A face too small, blurred or dark to tell.
    case poor
    /// The face of a person who was forgotten since.
    case forgotten
  }

  /// What the person was recognised by.
  public enum Method: String, Sendable, CaseIterable {
    /// The whole face.
    case face
    /// What a mask leaves free.
    case periocular
  }

  /// What covered mouth and nose.
  public enum Mask: String, Sendable, CaseIterable {
    /// A mask over mouth, nose and chin.
    case mask
    /// A mask that leaves the nose or the chin out, or hangs under the chin.
    case incorrect
    /// The mouth is covered, and not by a mask.
    case covering
    /// Nothing.
    case none
    /// The face does not show it clearly enough.
    case unsure
  }

  /// Where in the picture the face is, in pixels of the source, from its left upper corner.
  public struct Box: Sendable, Equatable {
    /// Left edge.
    public let x: Double
    /// Upper edge.
    public let y: Double
    /// Width, above 0.
    public let width: Double
    /// Height, above 0.
    public let height: Double

    /// A box from its left upper corner and its size.
    public init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }
  }

  /// The same for the same sighting, however often it is recorded. 1–256 characters.
  public let id: String
  /// What it tells.
  public let kind: Kind
  /// When the face was seen.
  public let time: Date
  /// Where the face was seen.
  public let source: Source
  /// Whose face it is; nil unless `status` is `known`.
  public let personID: String?
  /// Whether the face was recognised.
  public let status: Status
  /// What the person was recognised by, if recognised.
  public let method: Method?
  /// How sure the recognition is, 0…1, if recognised.
  public let confidence: Double?
  /// Where in the picture the face is.
  public let box: Box
  /// What covered mouth and nose; nil when that was not looked at, as before Rollcall had labels for it.
  public let mask: Mask?
  /// When Rollcall recorded it.
  public let recorded: Date

  /// A sighting, recorded now unless said otherwise.
  public init(
    id: String, kind: Kind = .photo, time: Date, source: Source, personID: String?, status: Status,
    method: Method? = nil,
    confidence: Double? = nil, box: Box, mask: Mask? = nil, recorded: Date = Date()
  ) {
    self.id = id
    self.kind = kind
    self.time = time
    self.source = source
    self.personID = personID
    self.status = status
    self.method = method
    self.confidence = confidence
    self.box = box
    self.mask = mask
    self.recorded = recorded
  }
}
