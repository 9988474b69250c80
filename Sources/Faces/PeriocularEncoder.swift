import Mask
public import Recognize
import Values
public import Vision

/// An encoder of covered faces.
///
/// It turns chips into the points in dlib's 128-dimensional space where dlib's encoder would put the bare faces. The
/// points are compared with the templates of bare faces, so each person enrolls only once. models/periocular-encoder.md
/// describes the training and the accuracy.
public final class PeriocularEncoder: Sendable {
  /// The name of the network. Templates that it made are compared only with its own embeddings.
  public static let identifier = "periocular-v1"

  private let encoder: ChipEncoder

  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    encoder = try ChipEncoder(.periocularEncoder, models: models, options: options)
  }

  /// One embedding per chip, in order. Any number of chips is accepted; about sixteen at a time are the fastest.
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] { try encoder.encode(chips.map(\.rgb)) }

  /// The masks that are drawn on an enrolled face: the three shapes of mask, in the colours of the first seed.
  private static let masks = [MaskRenderer.Style.surgical, .respirator, .cloth].map { MaskRenderer(style: $0, seed: 1) }
  /// Wider faces are reduced to this width, in pixels, before masks are drawn on. A chip shows no more detail.
  private static let width = 160.0

  /// Chips of a bare face with masks drawn on, cut like the chips of people who wear a mask. Empty if the face cannot
  /// be aligned in the cut-out picture.
  public static func chips(of face: Face, in image: Image, aligner: Aligner) throws(VisionError) -> [Chip] {
    let box = face.detection.box
    let region = Rect(
      x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width * 2, height: box.height * 2
    ).intersection(image.bounds)
    let (left, top) = (region.x.rounded(.down), region.y.rounded(.down))
    var part = try image.cropped(
      x: Int(left), y: Int(top), width: max(1, Int(region.width)), height: max(1, Int(region.height)))
    let scale = min(1, width / box.width)
    if scale < 1 {
      part = try part.resized(
        width: max(1, Int((Double(part.width) * scale).rounded())),
        height: max(1, Int((Double(part.height) * scale).rounded())))
    }
    let place = Rect(x: box.x - left, y: box.y - top, width: box.width, height: box.height).scaled(by: scale)
    do throws(VisionError) {
      let bare = try aligner.landmarks(in: part, box: place)
      var chips: [Chip] = []
      for mask in masks {
        let covered = try mask.render(on: part, bare)
        chips.append(
          try aligner.chip(
            of: covered, aligner.landmarks(in: covered, box: place), head: Detection(box: place, score: 1).head))
      }
      return chips
    } catch  where error.code == .invalid {
      return []
    }
  }
}
