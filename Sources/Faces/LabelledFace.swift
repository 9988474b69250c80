public import Recognize
public import Values
public import Vision

/// A face in a picture, with its mask status.
public struct LabelledFace: Sendable {
  /// The face.
  public let face: Face
  /// The probability of each mask label.
  public let mask: MaskStatus

  /// The face without a search: its status is found or poor.
  public func unidentified() throws(VisionError) -> IdentifiedFace {
    identified(try face.isPoor() ? .poor : .found)
  }

  func identified(_ status: FaceStatus, _ answer: Identification? = nil, names: [String: String] = [:])
    -> IdentifiedFace
  {
    IdentifiedFace(
      box: face.detection.head, score: face.detection.score, mask: mask, status: status, identification: answer,
      names: names)
  }
}
