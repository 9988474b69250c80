public import Recognize
public import Values
public import Vision

/// A face in a picture, and what covers it.
public struct LabelledFace: Sendable {
  /// The face.
  public let face: Face
  /// What covers it.
  public let mask: MaskStatus

  /// The face where nobody asks whose it is.
  public func unidentified() throws(VisionError) -> IdentifiedFace {
    identified(try face.isPoor() ? .poor : .found)
  }

  func identified(_ status: FaceStatus, _ answer: Identification? = nil, name: String? = nil) -> IdentifiedFace {
    IdentifiedFace(
      box: face.detection.head, score: face.detection.score, mask: mask, status: status, identification: answer,
      name: name)
  }
}
