import Evaluation
import Foundation
import Formats
import Recognize
import Terminal
import Values
import Vision

/// `rollcall evaluate detection`
enum EvaluateDetection: Verb {
  static let path = "evaluate detection"

  private static let boxes = Option(
    "boxes", .text("FILE.csv"),
    help: "one line per face: the columns file and class, and x, y, w, h (pixels) unless the face may be anywhere")
  private static let grouping = Option(
    "by", .text("COLUMN"), help: "count recall for each value of this column and class")
  private static let score = Option(
    "score", .number("SCORE", in: lowestScore...1), default: Detector.defaultThreshold,
    help: "detections count from this score on")
  private static let overlap = Option(
    "iou", .number("SHARE", in: 0.05...1), default: 0.4, help: "from which intersection over union on a face is found")
  private static let curve = Option(
    "curve", .text("FILE"), help: "write recall against false positives for every score as CSV")
  private static let largeFace = 40.0
  private static let lowestScore = 0.01

  static let command = Command(
    "detection", summary: "find faces in pictures where somebody marked them",
    description: """
      Prints recall per class and false positives per picture at the deployed threshold, and the average precision \
      over all. The boxes compared are those that identify reports: the head with hair and chin. Where a list has no \
      boxes, a picture's face counts as found if any is.
      """,
    options: [
      boxes, Evaluate.root, grouping, score, overlap, curve, Evaluate.format, Common.minimumFace, Common.threads,
      Common.precision,
    ],
    examples: [
      .init("street pictures", "rollcall evaluate detection --boxes scenes/scenes.csv --root scenes"),
      .init("one face a picture", "rollcall evaluate detection --boxes masks/labels.csv --root masks --by source"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard let list = invocation[boxes] else { throw invocation.refuse("no boxes; write --boxes FILE.csv") }
    var faces: [String: [DetectionTrial.Face]] = [:]
    let table = try Evaluate.table(list, requiring: ["file", "class"])
    for row in table.rows {
      // Label files use both words.
      let name = try row.require("class")
      var label = name == "no_mask" ? "none" : name
      if let column = invocation[grouping] { label = try "\(row.require(column)): \(label)" }
      faces[try row.require("file"), default: []].append(.init(box: try box(row, in: list), label: label))
    }

    let root = invocation[Evaluate.root]
    let networks = Common.networks(invocation)
    let detector = try Detector(models: Models.find(), options: networks)
    var options = Common.detection(invocation)
    // Detections below the score in use are kept for the curve.
    options.threshold = lowestScore
    let detection = options
    var trials: [DetectionTrial] = []
    let bar = ProgressBar("Detecting", total: faces.count)
    try forEachInOrder(faces.keys.sorted()) { file in
      Result {
        try detector.detect(in: Photo(decoding: Photo.read(root + "/" + file)).image, options: detection)
      }
    } consume: { file, result in
      var found: [Detection] = []
      do {
        found = try result.get()
      } catch {
        Diagnostics.warn("\(file): \(error)")
      }
      trials.append(DetectionTrial(faces: faces[file] ?? [], found: found.map(\.forEvaluation)))
      bar.advance(at: file)
    }
    bar.finish()

    let result = try DetectionEvaluation(
      trials, overlap: invocation[overlap], score: invocation[score], minimumSize: largeFace)
    if let file = invocation[curve] { try write(result.curve, to: file) }
    var text = result.recallByLabel.sorted { $0.key < $1.key }.map {
      ("recall, \($0.key)", "\(Evaluate.percent($0.value.value)) of \($0.value.total)")
    }
    if let large = result.recallOfLarge {
      text.append(("recall, \(Int(largeFace)) pixels or more", "\(Evaluate.percent(large.value)) of \(large.total)"))
    }
    text += [
      ("false positives a picture", String(format: "%.3f", result.falsePositivesPerImage)),
      ("average precision", String(format: "%.3f", result.averagePrecision)),
    ]
    if let best = result.best(falsePositivesPerImage: 0.5) {
      text.append(
        (
          "at 0.5 false positives",
          String(format: "recall %.2f %% (score above %.2f)", (best.recallOfLarge ?? best.recall) * 100, best.score)
        ))
    }
    try Evaluate.print(result.json, text, invocation[Evaluate.format])
    return 0
  }

  /// The box of a face; nil if the list has none.
  private static func box(_ row: CSV.Table.Row, in list: String) throws -> Rect? {
    let columns = ["x", "y", "w", "h"]
    guard columns.contains(where: { row[$0]?.isEmpty == false }) else { return nil }
    let numbers = try columns.map { column in
      guard let number = Double(try row.require(column)) else {
        throw Complaint("\(list), line \(row.line): \(column) is no number")
      }
      return number
    }
    return Rect(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }

  private static func write(_ curve: [DetectionEvaluation.Point], to file: String) throws {
    var lines = [CSV.encode(row: ["score", "recall", "recall_large", "false_positives_per_image", "precision"])]
    for point in curve {
      lines.append(
        CSV.encode(row: [
          "\(point.score)", "\(point.recall)", point.recallOfLarge.map { "\($0)" } ?? "",
          "\(point.falsePositivesPerImage)",
          "\(point.precision)",
        ]))
    }
    try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: file))
  }
}

extension Detection {
  fileprivate var forEvaluation: DetectionTrial.Found {
    .init(box: head, score: score)
  }
}
