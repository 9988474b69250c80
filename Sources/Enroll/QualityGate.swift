public import Recognize
import Values
public import Vision

/// Why a photo does not make a template. The words tell the person with the camera what to do.
public enum PhotoRefusal: String, Sendable, CaseIterable, CustomStringConvertible {
  case noFace = "no-face"
  case severalFaces = "several-faces"
  case tooSmall = "too-small"
  case blurred = "blurred"
  case tooDark = "too-dark"
  case blownOut = "blown-out"
  case turnedAway = "turned-away"
  case masked = "masked"
  case covered = "covered"

  /// What is wrong and how to take a better photo.
  public var description: String { advice }

  /// What is wrong and how to take a better photo, as a part of a sentence for whoever takes it.
  public var advice: String {
    switch self {
    case .noFace: "no face found; use a photo in which the face is upright and uncovered"
    case .severalFaces: "several faces; crop the photo to the one person"
    case .tooSmall: "the face is too small; it has to be at least \(Int(QualityGate.minimumFace)) pixels wide"
    case .blurred: "the face is blurred; hold the camera still and focus on the face"
    case .tooDark: "the face is too dark; put light in front of the person"
    case .blownOut: "the face is blown out by light; avoid flash and direct sun"
    case .turnedAway: "the face is turned away; look into the camera"
    case .masked: "a mask covers the face; take it off for this photo"
    case .covered: "something covers the mouth; take a photo without it"
    }
  }
}

/// Decides whether a photo is good enough to recognise somebody by.
///
/// The limits refuse what spoils recognition, not what is merely imperfect: on portraits with everyday light they let
/// more than nineteen in twenty pass.
public struct QualityGate: Sendable {
  /// The narrowest face, in pixels of the photo. A chip is 150 pixels wide with the face filling two thirds of it; from
  /// half of that on, enlarging it costs accuracy.
  public static let minimumFace = 50.0
  /// The least variance of the Laplacian on the 150-pixel chip.
  static let minimumSharpness = 12.0
  /// The least mean grey level.
  static let minimumBrightness = 35.0
  /// The least standard deviation of grey levels; below it light hides the features.
  static let minimumContrast = 12.0
  /// The greatest share of saturated pixels.
  static let maximumBlown = 0.35
  /// How far the nose may stand from the middle between the eyes, as a share of the distance between the eyes' outer
  /// corners.
  static let maximumTurn = 0.34
  /// A second face at least this share of the main one's width makes the photo ambiguous; smaller ones are passers-by.
  static let rivalShare = 0.6
  /// So does one that is inside the picture to at least this share; one that the edge cuts off is a neighbour.
  static let rivalVisible = 0.9

  /// A gate with the limits above.
  public init() {}

  /// The face to enroll, or why not. Whether something covers the face is not looked at here.
  public func judge(_ faces: [Face], in image: Image) throws(VisionError) -> Result<GoodFace, PhotoRefusal> {
    guard let main = Recognizer.main(of: faces, in: image) else { return .failure(.noFace) }
    let width = main.detection.box.width
    let rivals = faces.map(\.detection).filter { other in
      other.score > Detector.clearFace && other.box.width >= width * QualityGate.rivalShare
        && image.bounds.intersection(other.box).area >= other.box.area * QualityGate.rivalVisible
    }
    if rivals.count > 1 { return .failure(.severalFaces) }
    if width < QualityGate.minimumFace { return .failure(.tooSmall) }
    if main.landmarks.turn > QualityGate.maximumTurn { return .failure(.turnedAway) }
    let quality = try main.chip.quality()
    if quality.brightness < QualityGate.minimumBrightness { return .failure(.tooDark) }
    if quality.blown > QualityGate.maximumBlown || quality.contrast < QualityGate.minimumContrast {
      return .failure(.blownOut)
    }
    if quality.sharpness < QualityGate.minimumSharpness { return .failure(.blurred) }
    return .success(GoodFace(face: main, quality: min(1, quality.sharpness / (quality.sharpness + 60))))
  }
}

extension PhotoRefusal: Error {
  /// Why a face with this label is not enrolled; nil for a bare one, and for one whose label is unsure: a template of a
  /// bare face that the classifier hesitates about is worth more than one photo in some hundreds refused without need.
  init?(_ label: MaskLabel) {
    switch label {
    case .mask, .incorrect: self = .masked
    case .covering: self = .covered
    case .none, .unsure: return nil
    }
  }
}

/// A face that passed.
public struct GoodFace: Sendable {
  /// The face that the photo is about.
  public let face: Face
  /// 0…1, from the sharpness: the better of two photos has the higher.
  public let quality: Double
}

extension Landmarks {
  /// How far the head is turned sideways: the nose's distance from the middle between the eyes along the line of the
  /// eyes, as a share of the distance between the outer eye corners. 0 frontal, about 0.5 in profile.
  public var turn: Double {
    let dx = rightEyeOuter.x - leftEyeOuter.x
    let dy = rightEyeOuter.y - leftEyeOuter.y
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return .infinity }
    let middle = Point(x: (rightEyeOuter.x + leftEyeOuter.x) / 2, y: (rightEyeOuter.y + leftEyeOuter.y) / 2)
    return abs((nose.x - middle.x) * dx + (nose.y - middle.y) * dy) / (length * length)
  }
}
