import Faces
import Foundation
import Mask
import Recognize
import Terminal
import Values
import Vision
import Wire

/// `rollcall mask`
enum MaskVerb: Verb {
  static let path = "mask"

  private static let explain = Option(
    "explain", .text("DIR"),
    help: "write a copy of each picture with a heat map over each face: what its label rests on")

  static let command = Command(
    "mask", summary: "say whether masks are worn, and how",
    description: """
      Prints a label for every face: “mask”, “incorrect” (nose or chin are out, or it hangs under the chin), \
      “covering” (a hand, a scarf or a veil, no mask), “none”, or “unsure” when the face does not show it clearly. \
      Nobody is recognised and nothing is stored.

      A heat map shows by how much the label suffers when a spot of the face is hidden: it rests on the yellow ones.
      """,
    synonyms: ["masks", "ppe"],
    positionals: [PictureRun.paths], options: [explain] + PictureRun.options,
    verbs: [MaskRenderVerb.command],
    examples: [
      .init("are masks worn in these pictures?", "rollcall mask door/"),
      .init("copies with labels on, and why", "rollcall mask door/ --annotate seen/ --explain why/"),
      .init("draw a mask on a photo, to try that", "rollcall mask render ada.jpg --output ada-masked.png"),
      .init("for a program: one JSON object per face", "rollcall mask door/*.jpg --format jsonl"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let finder = try FaceFinder(models: Models.find(), options: Common.networks(invocation))
    let run = try PictureRun(invocation, .mask, finder, title: "Labelling")
    let copies = try run.copies(invocation, explain)
    let masks = finder.masks
    let isExplained = copies != nil
    try run.forEach { picture in
      isExplained ? try picture.faces.map { try masks.explain($0.face.landmarks, in: picture.image) } : []
    } judge: { picture, explanations in
      try copies?.write(drawn(picture, explanations), for: picture.file)
      return try picture.faces.map { try $0.unidentified() }
    }
    let status = try run.finish()
    if let copies { Diagnostics.note("pictures with heat maps are in \(copies.path)") }
    return status
  }

  /// The face width, in pixels, from which on a heat map is readable. Pictures with smaller faces are enlarged, up to
  /// this number of pixels.
  private static let readableWidth = 160.0
  private static let enlargedPixels = 8_000_000.0

  /// The picture with a heat map and a caption on each face.
  private static func drawn(_ picture: PictureRun.Picture, _ explanations: [MaskExplanation]) throws -> Image {
    let (width, height) = (Double(picture.image.width), Double(picture.image.height))
    let heads = picture.faces.map(\.face.detection.head)
    let wanted = readableWidth / max(1, heads.map(\.width).min() ?? readableWidth)
    let factor = max(1, min(wanted, (enlargedPixels / (width * height)).squareRoot()))
    let image =
      factor > 1
      ? try picture.image.resized(width: Int((width * factor).rounded()), height: Int((height * factor).rounded()))
      : picture.image
    let maps = explanations.compactMap(\.heatMap).compactMap {
      HeatMap(side: $0.side, values: $0.values, place: $0.place.scaled(by: factor))
    }
    let captions = zip(heads, explanations).map { head, explanation in
      let (status, likeliest) = (explanation.status, explanation.status.likeliest.rawValue)
      return Label(
        box: head.scaled(by: factor), color: status.color, title: "\(status.caption), \(status.percent)",
        subtitle: "yellow: what “\(likeliest)” rests on")
    }
    return try image.overlaid(maps).annotated(captions)
  }
}
