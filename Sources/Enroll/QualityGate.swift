public import Recognize
import Values
public import Vision

/// The reason why a photo does not become a template. The description says how to take a better photo.
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

  /// What is wrong and how to take a better photo, as part of a sentence for the person with the camera.
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

/// The limits that a photo must keep to become a template.
///
/// The limits refuse photos that spoil recognition and accept photos with small flaws. Of portraits with everyday
/// light, more than nineteen in twenty pass.
public struct QualityGate: Sendable {
  /// The width of the narrowest face, in pixels of the photo.
  ///
  /// A chip is 150 pixels wide, and the face fills two thirds of it. A face of less than half that width has to be
  /// enlarged so much that accuracy is lost.
  public static let minimumFace = 50.0
  /// The minimum variance of the Laplacian on the 150-pixel chip.
  static let minimumSharpness = 12.0
  /// The minimum mean grey level.
  static let minimumBrightness = 35.0
  /// The minimum standard deviation of grey levels. Below it, light hides the features.
  static let minimumContrast = 12.0
  /// The maximum share of saturated pixels.
  static let maximumBlown = 0.35
  /// The maximum distance of the nose from the middle between the eyes, as a share of the distance between the eyes'
  /// outer corners.
  static let maximumTurn = 0.34
  /// A second face with at least this share of the main face's width makes the photo ambiguous. Smaller faces are
  /// passers-by.
  static let rivalShare = 0.6
  /// A second face counts only if at least this share of it is inside the picture. A face that the edge cuts off is a
  /// neighbour.
  static let rivalVisible = 0.9

  /// Creates a gate with the limits above.
  public init() {}

  /// The face to enroll, or the reason for refusing the photo. Coverings are not checked here.
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
  /// The reason for refusing a face with this label; nil for a bare face and for an unsure label.
  ///
  /// Refusing unsure labels would refuse one photo in some hundreds without need. The template of a bare face that the
  /// classifier is unsure about is worth more.
  init?(_ label: MaskLabel) {
    switch label {
    case .mask, .incorrect: self = .masked
    case .covering: self = .covered
    case .none, .unsure: return nil
    }
  }
}

/// A face that passed the quality gate.
public struct GoodFace: Sendable {
  /// The main face of the photo.
  public let face: Face
  /// The quality, 0…1, computed from the sharpness: higher for the better of two photos.
  public let quality: Double
}

extension Landmarks {
  /// How far the head is turned sideways: 0 for a frontal face, about 0.5 for a profile.
  ///
  /// It is the nose's distance from the middle between the eyes along the line of the eyes, as a share of the distance
  /// between the outer eye corners.
  public var turn: Double {
    let dx = rightEyeOuter.x - leftEyeOuter.x
    let dy = rightEyeOuter.y - leftEyeOuter.y
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return .infinity }
    let middle = Point(x: (rightEyeOuter.x + leftEyeOuter.x) / 2, y: (rightEyeOuter.y + leftEyeOuter.y) / 2)
    return abs((nose.x - middle.x) * dx + (nose.y - middle.y) * dy) / (length * length)
  }
}
