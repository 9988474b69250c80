import Foundation
import Faces
import Mask
import Recognize
public import Values
import Vision

/// The judgement of a photo for enrolment. Nothing of the photo is stored.
public struct PhotoVerdict: Sendable {
  /// A face in the photo.
  public struct Head: Sendable, Equatable {
    /// The head, in pixels of the upright photo.
    public let box: Rect
    /// Whether this is the main face of the photo.
    public let isMain: Bool
  }

  /// The width of the upright photo, in pixels.
  ///
  /// A very large JPEG is judged at a half, a quarter or an eighth of its size. The width is then that of the reduced
  /// photo.
  public let width: Int
  /// The height, in pixels, of the same photo.
  public let height: Int
  /// All faces, by descending score.
  public let faces: [Head]
  /// The photo's quality, 0…1, higher is better; or the reason why the photo is refused.
  public let result: Result<Double, PhotoRefusal>
  /// The people under whose IDs the face is enrolled already, the nearest first. Empty if the photo is refused.
  public let duplicates: [PersonName]
}

/// Finds and judges the faces of photos for enrolment.
struct PhotoJudge: Sendable {
  /// A photo with its faces.
  struct Judged {
    let image: Image
    /// By descending score.
    let faces: [Face]
    let result: Result<GoodFace, PhotoRefusal>
    /// Whether something covers the good face.
    let isCovered: Bool
  }

  /// An enrolment photo is a portrait, so faces that are narrower than the quality gate accepts are not searched for.
  private static let portrait = Detector.Options(
    threshold: Detector.clearFace, minimumFace: QualityGate.minimumFace, maximumPixels: 1_000_000)
  /// Used if `portrait` finds nothing. It finds everything that could be a face, so that the refusal can say what is
  /// wrong.
  private static let anyFace = Detector.Options(minimumFace: 20, maximumPixels: 1_000_000)

  let finder: FaceFinder
  let allowCovered: Bool
  let limits: PhotoLimits
  private let gate = QualityGate()

  init(finder: FaceFinder, allowCovered: Bool, limits: PhotoLimits) {
    (self.finder, self.allowCovered, self.limits) = (finder, allowCovered, limits)
  }

  /// Finds the main face of a photo and applies the quality gate.
  ///
  /// - Parameter data: The bytes of the file.
  /// - Throws: `PhotoError`, and `VisionError` when a network fails.
  func judge(_ data: Data) throws -> Judged {
    let image = try Photo(decoding: data, limits: limits).image
    var faces = try finder.recognizer.faces(in: image, options: Self.portrait)
    if faces.isEmpty { faces = try finder.recognizer.faces(in: image, options: Self.anyFace) }
    var result = try gate.judge(faces, in: image)
    var isCovered = false
    if case .success(let face) = result,
      let label = try finder.masks.classify([face.face.landmarks], in: image).first?.label,
      let refusal = PhotoRefusal(label)
    {
      isCovered = true
      if !allowCovered { result = .failure(refusal) }
    }
    return Judged(image: image, faces: faces, result: result, isCovered: isCovered)
  }
}
