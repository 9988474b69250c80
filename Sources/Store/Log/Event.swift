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

  /// The kind of an event: what it reports.
  public enum Kind: String, Sendable, CaseIterable {
    /// A person arrived. A visit begins with this event.
    case arrival
    /// The mask label of the face changed during a visit.
    case mask
    /// The end of a visit, at the time when the person was last seen. It has no new information about the face.
    case seen
    /// A face in a photo. Events that an older version stored without a kind have this kind too.
    case photo
  }

  /// The id of the event, 1–256 characters. An event that is recorded twice has the same id both times.
  public let id: String
  /// What the event reports.
  public let kind: Kind
  /// When the face was seen.
  public let time: Date
  /// Where the face was seen.
  public let source: Source
  /// The id of the person who was recognised; nil unless `status` is `known`.
  public let personID: String?
  /// Whether the face was recognised.
  public let status: FaceStatus
  /// What the person was recognised by, if recognised.
  public let method: RecognitionMethod?
  /// The confidence of the recognition, 0…1, if recognised.
  public let confidence: Double?
  /// Where in the picture the face is.
  public let box: Rect
  /// What covered mouth and nose; nil if it was not determined, as in events from before Rollcall had mask labels.
  public let mask: MaskLabel?
  /// When Rollcall recorded the event.
  public let recorded: Date

  /// An event, by default recorded now.
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
