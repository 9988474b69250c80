import Foundation
import Faces
import Mask
import Recognize
public import Values
import Vision

/// What a photo would be worth as an enrolment photo. Nothing of it is stored.
public struct PhotoVerdict: Sendable {
  /// A face in the photo.
  public struct Head: Sendable, Equatable {
    /// The head, in pixels of the upright photo.
    public let box: Rect
    /// Whether the photo is about this face.
    public let isMain: Bool
  }

  /// Pixels across the upright photo. A very large JPEG is looked at in a half, a quarter or an eighth of its size,
  /// which is meant then.
  public let width: Int
  /// Pixels down.
  public let height: Int
  /// All faces, the surest first.
  public let faces: [Head]
  /// The photo's quality, 0…1 and the higher the better, or why it is refused.
  public let result: Result<Double, PhotoRefusal>
  /// The people as whom the face is enrolled already, the nearest first; nobody where the photo is refused.
  public let duplicates: [PersonName]
}

/// Looks at photos as enrolment needs them.
struct PhotoJudge: Sendable {
  /// A photo with its faces.
  struct Judged {
    let image: Image
    /// The surest first.
    let faces: [Face]
    let result: Result<GoodFace, PhotoRefusal>
  }

  /// An enrolment photo is a portrait: a face narrower than the gate accepts need not be looked for.
  private static let portrait = Detector.Options(
    threshold: Detector.clearFace, minimumFace: QualityGate.minimumFace, maximumPixels: 1_000_000)
  /// Where that finds nothing: whatever might be a face, to say what is wrong with it.
  private static let anyFace = Detector.Options(minimumFace: 20, maximumPixels: 1_000_000)

  let finder: FaceFinder
  let allowCovered: Bool
  let limits: PhotoLimits
  private let gate = QualityGate()

  init(finder: FaceFinder, allowCovered: Bool, limits: PhotoLimits) {
    (self.finder, self.allowCovered, self.limits) = (finder, allowCovered, limits)
  }

  /// The face that a photo is about, if it passes the gate.
  ///
  /// - Parameter data: The bytes of the file.
  /// - Throws: `PhotoError`, and `VisionError` when a network fails.
  func judge(_ data: Data) throws -> Judged {
    let image = try Photo(decoding: data, limits: limits).image
    var faces = try finder.recognizer.faces(in: image, options: Self.portrait)
    if faces.isEmpty { faces = try finder.recognizer.faces(in: image, options: Self.anyFace) }
    var result = try gate.judge(faces, in: image)
    if !allowCovered, case .success(let face) = result,
      let label = try finder.masks.classify([face.face.landmarks], in: image).first?.label,
      let refusal = PhotoRefusal(label)
    {
      result = .failure(refusal)
    }
    return Judged(image: image, faces: faces, result: result)
  }
}
