public import Foundation
public import Values

/// One face that was seen at one time.
public struct Event: Sendable, Equatable {
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

  /// What the event tells.
  public enum Kind: String, Sendable, CaseIterable {
    /// A person came: the one with which a visit begins.
    case arrival
    /// What covers the face has changed during a visit.
    case mask
    /// When the person was seen last: the end of a visit. It says nothing new of the face.
    case seen
    /// A face in a photo, and every event that was recorded before there were kinds.
    case photo
  }

  /// The same for the same event, however often it is recorded. 1–256 characters.
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
  public let status: FaceStatus
  /// What the person was recognised by, if recognised.
  public let method: RecognitionMethod?
  /// How sure the recognition is, 0…1, if recognised.
  public let confidence: Double?
  /// Where in the picture the face is.
  public let box: Rect
  /// What covered mouth and nose; nil when that was not looked at, as before Rollcall had labels for it.
  public let mask: MaskLabel?
  /// When Rollcall recorded it.
  public let recorded: Date

  /// A event, recorded now unless said otherwise.
  public init(
    id: String, kind: Kind = .photo, time: Date, source: Source, personID: String?, status: FaceStatus,
    method: RecognitionMethod? = nil,
    confidence: Double? = nil, box: Rect, mask: MaskLabel? = nil, recorded: Date = Date()
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
