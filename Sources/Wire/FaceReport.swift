public import Foundation
public import Store
public import Values

/// The report of one face in a picture, or of a picture without a face: one line of `identify`, `mask` and `live`.
public struct FaceReport: Sendable {
  /// What is reported of the faces.
  public enum Question: Sendable {
    case identity
    case mask
  }

  /// The camera or file of the picture.
  public let source: Event.Source
  /// When the picture was taken.
  public let time: Date
  /// The face; nil for a picture without a face.
  public let face: IdentifiedFace?

  /// Creates a report.
  public init(source: Event.Source, time: Date, face: IdentifiedFace?) {
    self.source = source
    self.time = time
    self.face = face
  }

  /// Whether the face was recognised; `noFace` for a picture without a face.
  public var status: FaceStatus { face?.status ?? .noFace }
}
