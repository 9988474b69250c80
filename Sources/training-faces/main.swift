import Formats
import Foundation
import Mask
import Recognize
import Terminal
import Values
import Vision

// Cuts out the faces that the networks are trained on, with Rollcall's own detector, aligner and mask renderer, so that
// training uses the same input as the product. The recipes under models/train call it.
//
// usage: training-faces PHOTOS OUTPUT [--side 160] [--padding 0.85] [--minimum-face 40] [--threshold 0.3]
//                       [--renders KINDS] [--masks N] [--heads 1] [--every N] [--limit N]
//   PHOTOS      a folder, or a CSV file with a column "file" (paths relative to the CSV's folder)
//   --renders   in addition to the bare face, this many kinds of covered ones, in turn: a mask worn well, one worn
//               wrongly, a covering that is no mask (any number; from the third on coverings; the same picture always
//               gets the same ones)
//   --masks     in addition, this many faces with coverings over mouth and nose, for recognition; the styles
//               `patterned` and `hood` are left out, so that there are styles to test on
//   --heads     with 1, the whole heads, as the second encoder sees them, instead of the upright faces
//   --every     only each N-th photo
//   --limit     at most N photos
//
// OUTPUT/faces.csv   file, row, label, style, wear, score, x, y, w, h (of the box in which the landmarks were searched)
//                    and the landmarks x1, y1 … x5, y5
// OUTPUT/faces.rgb   side × side × 3 bytes for each line
// OUTPUT/missed.txt  the photos without a face

struct Usage: Error {}

var words = Array(CommandLine.arguments.dropFirst())
var given = [
  "side": 160.0, "padding": 0.85, "minimum-face": 40, "threshold": Detector.defaultThreshold, "renders": 0, "masks": 0,
  "heads": 0,
  "every": 1,
  "limit": .infinity,
]
var paths: [String] = []
do {
  while !words.isEmpty {
    let word = words.removeFirst()
    guard word.hasPrefix("--") else {
      paths.append(word)
      continue
    }
    let name = String(word.dropFirst(2))
    guard given[name] != nil, !words.isEmpty, let value = Double(words.removeFirst()) else { throw Usage() }
    given[name] = value
  }
  guard paths.count == 2 else { throw Usage() }
} catch {
  FileHandle.standardError.write(
    Data("usage: training-faces PHOTOS OUTPUT [--side N] [--padding SHARE] …; its source explains\n".utf8))
  exit(2)
}
let options = given
@MainActor func option(_ name: String) -> Double { options[name] ?? 0 }
@MainActor func count(_ name: String) -> Int { option(name) < 1e9 ? Int(option(name)) : .max }

/// The photos, as paths relative to `root`, in the order of the list.
func photos(at path: String) throws -> (root: String, files: [String]) {
  guard path.hasSuffix(".csv") else {
    var finder = PhotoFinder()
    finder.add(path)
    return (path, finder.files.map { String($0.dropFirst(path.count + 1)) })
  }
  let table = try CSV.Table(parsing: String(contentsOfFile: path, encoding: .utf8), requiring: ["file"])
  return (URL(fileURLWithPath: path).deletingLastPathComponent().path, table.rows.compactMap { $0["file"] })
}

struct Example: Sendable {
  let renderer: MaskRenderer?
  let box: Rect
  let landmarks: Landmarks
  let crop: [UInt8]
}

struct Found: Sendable {
  let detection: Detection
  let examples: [Example]
}

/// Random numbers that depend only on the file, so that a photo gets the same coverings whichever photos are processed.
/// The generator is SplitMix64.
struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(of file: String) {
    state = file.utf8.reduce(5381) { ($0 &* 33) ^ UInt64($1) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// The work on each photo. Several threads use it.
struct Cutter: Sendable {
  let root: String
  let detector: Detector
  let aligner: Aligner
  let geometry: ChipGeometry
  let looking: Detector.Options
  let kinds: Int
  let masks: Int
  let cutsHeads: Bool

  func examples(of file: String) throws -> Found? {
    let image = try Photo(decoding: Photo.read(root + "/" + file)).image
    let detections = try detector.detect(in: image, options: looking)
    guard let main = Recognizer.main(of: detections, in: image) else { return nil }
    let box = detections[main].box
    let bare = try aligner.landmarks(in: image, box: box)
    var examples = [try example(nil, image, box)]
    var numbers = Numbers(of: file)
    for covering in coverings(kinds, &numbers) + worn(masks, &numbers) {
      let covered = try covering.render(on: image, bare)
      if masks > 0 {
        // For recognition, the chip must be cut where the product cuts it.
        let found = try detector.detect(in: covered, options: looking)
        guard let same = found.max(by: { $0.box.overlap(box) < $1.box.overlap(box) }), same.box.overlap(box) > 0.3
        else { continue }
        examples.append(try example(covering, covered, same.box))
        continue
      }
      // On a covered face the detector's box is slightly displaced, and the landmarks with it.
      func off(_ share: Double) -> Double { Double.random(in: -share...share, using: &numbers) }
      let growth = 1 + off(0.08)
      let moved = Rect(
        x: box.x + box.width * (off(0.06) + (1 - growth) / 2), y: box.y + box.height * (off(0.06) + (1 - growth) / 2),
        width: box.width * growth, height: box.height * growth)
      examples.append(try example(covering, covered, moved))
    }
    return Found(detection: detections[main], examples: examples)
  }

  private func example(_ renderer: MaskRenderer?, _ image: Image, _ box: Rect) throws -> Example {
    let landmarks = try aligner.landmarks(in: image, box: box)
    let crop =
      try cutsHeads
      ? aligner.chip(of: image, landmarks, head: Detection(box: box, score: 1).head).head
      : geometry.cut(image, landmarks)
    return Example(renderer: renderer, box: box, landmarks: landmarks, crop: crop)
  }

  /// One covering of each kind.
  private func coverings(_ kinds: Int, _ numbers: inout Numbers) -> [MaskRenderer] {
    let masks: [MaskRenderer.Style] = [.surgical, .surgical, .respirator, .cloth, .cloth, .patterned]
    return (0..<kinds).map { kind in
      let share = Double.random(in: 0..<1, using: &numbers)
      let mask = masks.randomElement(using: &numbers) ?? .cloth
      let (style, wear): (MaskRenderer.Style, MaskRenderer.Wear) =
        switch kind {
        case 0: (mask, .well)
        case 1: (mask, share < 0.6 ? .underNose : .chin)
        default:
          // A covering below the mouth, such as a headscarf, hides nothing. The network must learn this case as well.
          (
            share < 0.4 ? .scarf : share < 0.75 ? .hood : .hand,
            [.well, .well, .underNose, share < 0.75 ? .chin : .well].randomElement(using: &numbers) ?? .well
          )
        }
      return MaskRenderer(style: style, wear: wear, seed: numbers.next())
    }
  }

  /// Coverings as recognition meets them.
  private func worn(_ count: Int, _ numbers: inout Numbers) -> [MaskRenderer] {
    let styles: [MaskRenderer.Style] =
      [.surgical, .surgical, .surgical, .respirator, .respirator, .cloth, .cloth, .cloth, .scarf, .hand]
    return (0..<count).map { _ in
      MaskRenderer(
        style: styles.randomElement(using: &numbers) ?? .cloth,
        wear: Double.random(in: 0..<1, using: &numbers) < 0.85 ? .well : .underNose, seed: numbers.next())
    }
  }
}

let (root, all) = try photos(at: paths[0])
let files = Array(all.enumerated().filter { $0.offset % count("every") == 0 }.map(\.element).prefix(count("limit")))
let output = URL(fileURLWithPath: paths[1])
try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
Memory.returnLargeBlocks()
let models = try Models.find()
// The network uses one thread, because several photos are processed at the same time.
let cutter = Cutter(
  root: root, detector: try Detector(models: models, options: Network.Options(threads: 1)),
  aligner: try Aligner(models: models), geometry: ChipGeometry(side: count("side"), padding: option("padding")),
  looking: Detector.Options(threshold: option("threshold"), minimumFace: option("minimum-face")),
  kinds: count("renders"), masks: count("masks"), cutsHeads: option("heads") > 0)

func file(_ name: String) throws -> FileHandle {
  let url = output.appendingPathComponent(name)
  try Data().write(to: url)
  return try FileHandle(forWritingTo: url)
}
let crops = try file("faces.rgb")
var lines = [
  (["file", "row", "label", "style", "wear", "score", "x", "y", "w", "h"]
    + (1...5).flatMap { ["x\($0)", "y\($0)"] }).joined(separator: ",")
]
var missed: [String] = []
let bar = ProgressBar("Cutting faces out", total: files.count)
try forEachInOrder(files) { file in
  Result { try cutter.examples(of: file) }
} consume: { file, result in
  bar.advance(at: file)
  let found: Found
  switch result {
  case .success(let some?): found = some
  case .success(nil):
    missed.append(file)
    return
  case .failure(let error):
    missed.append("\(file)\t\(error)")
    return
  }
  for example in found.examples {
    let box = example.box
    let places = [box.x, box.y, box.width, box.height] + example.landmarks.points.flatMap { [$0.x, $0.y] }
    let name = file.contains(",") ? "\"\(file)\"" : file
    lines.append(
      ([
        name, "\(lines.count - 1)", (example.renderer?.label ?? .none).rawValue, example.renderer?.style.rawValue ?? "",
        example.renderer?.wear.rawValue ?? "", String(format: "%.3f", found.detection.score),
      ]
        + places.map { String(format: "%.2f", $0) }).joined(separator: ","))
    try crops.write(contentsOf: example.crop)
  }
}
bar.finish()
try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: output.appendingPathComponent("faces.csv"))
try Data(missed.map { $0 + "\n" }.joined().utf8).write(to: output.appendingPathComponent("missed.txt"))
print("\(lines.count - 1) faces of \(files.count - missed.count) photos; \(missed.count) without one")
