import Foundation
import Values
public import Vision

/// A detected face with its landmarks and its chip.
public struct Face: Sendable {
  /// The box and the score of the face.
  public let detection: Detection
  /// The corners of the eyes and the base of the nose.
  public let landmarks: Landmarks
  /// The face cut out upright.
  public let chip: Chip

  /// A face that is narrower than this, in pixels, or less sharp, could be mistaken for anybody.
  private static let poorWidth = 36.0
  private static let poorSharpness = 6.0

  /// Creates a face. Landmarks and chip must belong to the same picture.
  package init(detection: Detection, landmarks: Landmarks, chip: Chip) {
    self.detection = detection
    self.landmarks = landmarks
    self.chip = chip
  }

  /// Whether the face cannot be recognised: it is too small or too blurred, or its detection is uncertain.
  public func isPoor() throws(VisionError) -> Bool {
    try isPoor(chip.quality())
  }

  /// The same, for a chip that was measured already.
  package func isPoor(_ quality: ChipQuality) -> Bool {
    detection.box.width < Self.poorWidth || detection.score < Detector.clearFace
      || quality.sharpness < Self.poorSharpness
  }
}

/// A detector, an aligner and an encoder of faces, with one thread budget.
///
/// ```swift
/// let recognizer = try Recognizer(models: Models.find())
/// let faces = try recognizer.faces(in: image)
/// let embeddings = try recognizer.encoder.encode(faces.map(\.chip))
/// ```
public final class Recognizer: Sendable {
  /// Finds faces.
  public let detector: Detector
  /// Finds landmarks and cuts chips.
  public let aligner: Aligner
  /// Turns chips into embeddings.
  public let encoder: FaceEncoder

  /// Loads the networks.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    detector = try Detector(models: models, options: options)
    aligner = try Aligner(models: models)
    encoder = try FaceEncoder(models: models, options: options)
  }

  /// The faces of a picture, by descending score, each aligned and cut out. A box in which no face can be aligned is
  /// left out.
  public func faces(in image: Image, options: Detector.Options = Detector.Options()) throws(VisionError) -> [Face] {
    var faces: [Face] = []
    for detection in try detector.detect(in: image, options: options) {
      let landmarks = try aligner.landmarks(in: image, box: detection.box)
      do throws(VisionError) {
        faces.append(
          Face(
            detection: detection, landmarks: landmarks,
            chip: try aligner.chip(of: image, landmarks, head: detection.head)))
      } catch  where error.code == .invalid {
        continue
      }
    }
    return faces
  }

  /// The main face of a portrait: the largest, and of nearly equal ones the most central. Nil if there are no faces.
  public static func main(of faces: [Face], in image: Image) -> Face? {
    main(of: faces.map(\.detection), in: image).map { faces[$0] }
  }

  /// The index of the detection of a portrait's main face; nil if there are no detections.
  public static func main(of detections: [Detection], in image: Image) -> Int? {
    let diagonal = (Double(image.width * image.width + image.height * image.height)).squareRoot()
    return detections.indices.max { weight(detections[$0]) < weight(detections[$1]) }

    func weight(_ detection: Detection) -> Double {
      let box = detection.box
      let dx = box.x + box.width / 2 - Double(image.width) / 2
      let dy = box.y + box.height / 2 - Double(image.height) / 2
      // A face at the edge has to be about twice as wide as one in the middle.
      return box.width * (1 - (dx * dx + dy * dy).squareRoot() / diagonal)
    }
  }
}
