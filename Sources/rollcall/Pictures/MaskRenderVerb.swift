import Foundation
import Mask
import Recognize
import Terminal
import Vision

/// `rollcall mask render`
enum MaskRenderVerb: Verb {
  static let path = "mask render"

  private static let photo = Positional(.text("PHOTO"), help: "a picture with a face")
  private static let style = Option(
    "style", .choice(of: MaskRenderer.Style.self), default: .surgical,
    help: "what is drawn; a scarf and a hand are no masks")
  private static let wear = Option(
    "wear", .choice(of: MaskRenderer.Wear.self), default: .well, help: "how it is worn")
  private static let seed = Option(
    "seed", .integer(in: 0...Int(Int32.max)), default: 0,
    help: "colour, cut and folds; the same number draws the same")
  private static let all = Option(flag: "all-faces", help: "cover every face, not only the largest")
  private static let output = Option(
    "output", .text("FILE"), default: "masked.png", help: "the picture to write, .png or .jpg")

  static let command = Command(
    "render", summary: "draw a mask on a face",
    description: """
      Writes a copy of a photo with a mask on, to try out what Rollcall makes of it. Masks are drawn by the same code \
      that draws the training pictures; they are not meant to fool a person.
      """,
    positionals: [photo],
    options: [style, wear, seed, all, output, Common.minimumFace, Common.megapixels],
    examples: [
      .init("a surgical mask", "rollcall mask render ada.jpg --output ada-masked.png"),
      .init(
        "a printed one that leaves the nose out", "rollcall mask render ada.jpg --style patterned --wear under-nose"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let (source, target) = (invocation[photo], invocation[output])
    let format: Image.Format
    switch URL(fileURLWithPath: target).pathExtension.lowercased() {
    case "png": format = .png
    case "jpg", "jpeg": format = .jpeg
    default: throw invocation.refuse("--output \(target) should end in .png or .jpg")
    }
    if isSameFile(source, target) {
      throw invocation.refuse("--output \(target) is the photo itself; name another file")
    }
    let image = try Photo(decoding: Photo.read(source), limits: Common.limits(invocation)).image
    let models = try Models.find()
    let detections = try Detector(models: models).detect(in: image, options: Common.detection(invocation))
    let aligner = try Aligner(models: models)
    guard let main = Recognizer.main(of: detections, in: image) else {
      throw Complaint("\(source): no face found; try a larger picture, or a smaller --min-face")
    }
    var result = image
    for (index, detection) in (invocation[all] ? detections : [detections[main]]).enumerated() {
      let renderer = MaskRenderer(
        style: invocation[style], wear: invocation[wear], seed: UInt64(invocation[seed] + index))
      result = try renderer.render(on: result, aligner.landmarks(in: image, box: detection.box))
    }
    do {
      try result.encoded(as: format).write(to: URL(fileURLWithPath: target))
    } catch let error as CocoaError {
      throw Complaint("\(target): \(error.localizedDescription)")
    }
    Diagnostics.note("the picture is \(target)")
    return 0
  }

  private static func isSameFile(_ one: String, _ other: String) -> Bool {
    URL(fileURLWithPath: one).resolvingSymlinksInPath() == URL(fileURLWithPath: other).resolvingSymlinksInPath()
  }
}
