public import Foundation
public import Store
public import Values

/// What is said of one face in a picture, or of a picture without any: one line of `identify`, `mask` and `live`.
public struct FaceReport: Sendable {
  /// What was asked about the faces.
  public enum Question: Sendable {
    case identity
    case mask
  }

  /// Where the picture is from.
  public let source: Event.Source
  /// When it was taken.
  public let time: Date
  /// Nil for a picture without a face.
  public let face: IdentifiedFace?

  /// A face in a picture, or that there is none.
  public init(source: Event.Source, time: Date, face: IdentifiedFace?) {
    self.source = source
    self.time = time
    self.face = face
  }

  /// Whether the face was recognised; `noFace` where there is none.
  public var status: FaceStatus { face?.status ?? .noFace }
}
