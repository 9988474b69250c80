import Mask
public import Recognize
import Values
public import Vision

/// Puts covered faces where dlib's encoder would put them bare: chips in, points in dlib's 128-d space out.
///
/// The points are compared with the templates of bare faces, so nobody enrolls twice. models/periocular-encoder.md says
/// how it learned that and how well it does.
public final class PeriocularEncoder: Sendable {
  /// Names the network: templates that it made are compared with its own embeddings only.
  public static let identifier = "periocular-v1"

  private let encoder: ChipEncoder

  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    encoder = try ChipEncoder(.periocularEncoder, models: models, options: options)
  }

  /// One embedding per chip, in order. Sixteen or so at a time are the fastest; any number is taken.
  public func encode(_ chips: [Chip]) throws(VisionError) -> [Embedding] { try encoder.encode(chips) }

  /// How an enrolled face looks behind masks, for one face each: the mean of the embeddings of its chips.
  ///
  /// - Parameter faces: Each what `chips(of:in:aligner:)` gives.
  public func templates(of faces: [[Chip]]) throws(VisionError) -> [Embedding?] {
    var embeddings = try encode(faces.flatMap(\.self))[...]
    return faces.map { chips in
      let own = embeddings.prefix(chips.count)
      embeddings = embeddings.dropFirst(chips.count)
      return Embedding(mean: own)
    }
  }

  /// What is drawn on an enrolled face: the three shapes of mask, in the colours of their first seed.
  private static let masks = [MaskRenderer.Style.surgical, .respirator, .cloth].map { MaskRenderer(style: $0, seed: 1) }
  /// Faces are made this wide, in pixels, before masks are drawn on: more does not reach a chip.
  private static let width = 160.0

  /// Chips of a bare face with masks drawn on, cut as those of people who wear one; none where the face is not to be
  /// found again.
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
        chips.append(try aligner.chip(of: covered, aligner.landmarks(in: covered, box: place)))
      }
      return chips
    } catch  where error.code == .invalid {
      return []
    }
  }
}
