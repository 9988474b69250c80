import Foundation
import Values
public import Vision

/// A face with all that recognition needs of it.
public struct Face: Sendable {
  /// Where the face is and how sure that is.
  public let detection: Detection
  /// Eye corners and nose.
  public let landmarks: Landmarks
  /// The face cut out upright.
  public let chip: Chip

  /// A face narrower than this, in pixels, or with less detail, might be anybody's.
  private static let poorWidth = 36.0
  private static let poorSharpness = 6.0

  /// With landmarks and chip of the same picture.
  package init(detection: Detection, landmarks: Landmarks, chip: Chip) {
    self.detection = detection
    self.landmarks = landmarks
    self.chip = chip
  }

  /// Too small or blurred to tell whose it is.
  public func isPoor() throws(VisionError) -> Bool {
    try isPoor(chip.quality())
  }

  /// The same, where the chip was measured already.
  package func isPoor(_ quality: ChipQuality) -> Bool {
    detection.box.width < Self.poorWidth || detection.score < Detector.clearFace
      || quality.sharpness < Self.poorSharpness
  }
}

/// From a picture to faces to embeddings: detector, aligner and encoder with one thread budget.
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

  /// The faces of a picture, the surest first, each aligned and cut out. A box in which no face can be aligned is left
  /// out.
  public func faces(in image: Image, options: Detector.Options = Detector.Options()) throws(VisionError) -> [Face] {
    var faces: [Face] = []
    for detection in try detector.detect(in: image, options: options) {
      let landmarks = try aligner.landmarks(in: image, box: detection.box)
      do throws(VisionError) {
        faces.append(Face(detection: detection, landmarks: landmarks, chip: try aligner.chip(of: image, landmarks)))
      } catch  where error.code == .invalid {
        continue
      }
    }
    return faces
  }

  /// The face a portrait is about: the largest, and of nearly equal ones the most central.
  public static func main(of faces: [Face], in image: Image) -> Face? {
    main(of: faces.map(\.detection), in: image).map { faces[$0] }
  }

  /// The place of the detection that a portrait is about.
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
