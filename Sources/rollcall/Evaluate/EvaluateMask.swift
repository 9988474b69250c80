import Evaluation
import Foundation
import Formats
import Mask
import Recognize
import Report
import Terminal
import Values
import Vision

/// `rollcall evaluate mask`
enum EvaluateMask: Verb {
  static let path = "evaluate mask"

  private static let labels = Option(
    "labels", .text("FILE.csv"),
    help: "one line per face: the columns file and class, its box x, y, w, h (pixels) where a photo has several")
  private static let split = Option("split", .text("NAME"), help: "only rows with this in the column split")
  private static let grouping = Option(
    "by", .text("COLUMN"), help: "the column to compare by (default: source, if there is one)")
  private static let report = Option(
    "report", .text("DIR"),
    help: "write a page with tables, plots and the worst mistakes, and its parts (needs gnuplot)")
  private static let log = Option(
    "training-log", .text("FILE.csv"),
    help:
      "draw the training too: epoch, train_loss, val_loss, train_accuracy, val_accuracy, and fold if there are several")
  private static let withoutPhotos = Option(flag: "no-photos", help: "leave the photos out of the report")

  static let command = Command(
    "mask", summary: "tell masks on labelled faces",
    description: """
      Classes are mask, incorrect, covering and none (or no_mask). A face with a box is the detection that overlaps \
      the box best, any other the main face of its photo: the largest and most central. A face that is missed, or \
      whose photo cannot be read, counts as wrong. Faces count by their likeliest class; how many the program would \
      call unsure is told beside that.
      """,
    options: [
      labels, Evaluate.root, split, grouping, report, log, withoutPhotos, Evaluate.format, Common.minimumFace,
      Common.threads, Common.precision,
    ],
    examples: [
      .init("a set of labelled photos", "rollcall evaluate mask --labels masks/labels.csv --root masks --split val"),
      .init(
        "a report to publish: no photos in it",
        "rollcall evaluate mask --labels labels.csv --root photos --report report --no-photos"),
    ])

  /// The least overlap of a labelled box and a detection of the same face.
  ///
  /// It is lower than in the comparison of detectors, because the photo is known to have a face there, and because some
  /// label files frame heads and others only faces.
  private static let leastOverlap = 0.25

  /// The result for one labelled face.
  private struct Outcome: Sendable {
    let answer: MaskTrial.Answer?
    /// The face as JPEG, if its class is wrong and the report shows photos.
    let photo: Data?
  }

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard let file = invocation[labels] else { throw invocation.refuse("no labels; write --labels FILE.csv") }
    let folder = invocation[report].map { URL(fileURLWithPath: $0, isDirectory: true) }
    if folder == nil, invocation[log] != nil || invocation[withoutPhotos] {
      throw invocation.refuse("--training-log and --no-photos are about a report; write --report DIR too")
    }
    // Errors that would prevent the report are found before the evaluation begins.
    let plotter = try folder.map { folder in
      try MaskReport.prepare(folder)
      return try Plotter()
    }
    let training = try invocation[log].map(trainingLog)
    let labels = try MaskLabels(file, split: invocation[split], grouping: invocation[grouping])
    let options = Common.networks(invocation)
    let models = try Models.find()
    let examiner = Examiner(
      recognizer: try Recognizer(models: models, options: options),
      classifier: try MaskClassifier(models: models, options: options), detection: Common.detection(invocation),
      keepsPhotos: folder != nil && !invocation[withoutPhotos])

    let root = invocation[Evaluate.root]
    let photos = Dictionary(grouping: labels.rows, by: \.file).sorted { $0.key < $1.key }
    let bar = ProgressBar("Classifying", total: photos.count)
    var (trials, mistakes, unreadable): ([MaskTrial], [MaskReport.Mistake], Int) = ([], [], 0)
    try forEachInOrder(photos) { file, rows in
      Result { try examiner.outcomes(rows, in: root + "/" + file) }
    } consume: { photo, result in
      let (file, rows) = photo
      var outcomes: [Outcome] = []
      switch result {
      case .success(let found): outcomes = found
      case .failure(let error):
        unreadable += 1
        Diagnostics.error("\(root)/\(file): \(error)")
        outcomes = rows.map { _ in Outcome(answer: nil, photo: nil) }
      }
      for (row, outcome) in zip(rows, outcomes) {
        trials.append(MaskTrial(truth: row.truth.rawValue, answer: outcome.answer, group: row.group))
        guard outcome.answer?.label != row.truth.rawValue else { continue }
        mistakes.append(
          MaskReport.Mistake(
            file: file, truth: row.truth.rawValue, answer: outcome.answer, group: row.group, photo: outcome.photo))
      }
      bar.advance(at: file)
    }
    bar.finish()

    let evaluation = try MaskEvaluation(trials)
    let column = labels.column ?? "source"
    var json = evaluation.json(groupedBy: column)
    if case .object(let members) = json {
      json = .object(members + [.init("bad_rows", .int(labels.badRows)), .init("unreadable", .int(unreadable))])
    }
    if let folder, let plotter {
      var page = MaskReport(evaluation, unsureBelow: examiner.classifier.unsureBelow)
      page.column = column
      page.mistakes = mistakes
      page.leavesPhotosOut = invocation[withoutPhotos]
      page.training = training
      page.facts = try facts(invocation, labels: file, models: models, badRows: labels.badRows, unreadable: unreadable)
      try page.write(to: folder, with: plotter)
      Diagnostics.note("the report is \(folder.appendingPathComponent("index.html").path)")
    }
    try Evaluate.print(
      json, lines(evaluation, badRows: labels.badRows, unreadable: unreadable),
      tables: tables(evaluation, column: column), invocation[Evaluate.format])
    return labels.badRows + unreadable == 0 ? 0 : 1
  }

  // MARK: Faces

  /// Finds and classifies the labelled faces of photos.
  private struct Examiner: Sendable {
    let recognizer: Recognizer
    let classifier: MaskClassifier
    let detection: Detector.Options
    let keepsPhotos: Bool

    /// The outcome of each row. A missed face has no answer.
    func outcomes(_ rows: [MaskLabels.Row], in path: String) throws -> [Outcome] {
      let image = try Photo(decoding: Photo.read(path)).image
      let faces = try recognizer.faces(in: image, options: detection)
      let wanted = rows.map { row in
        row.box.map { box in Self.overlapping(box, among: faces) } ?? Recognizer.main(of: faces, in: image)
      }
      // All faces of the photo are classified in one batch.
      var statuses = try classifier.classify(wanted.compactMap { $0?.landmarks }, in: image)[...]
      return try zip(rows, wanted).map { row, face in
        guard let face, let status = statuses.popFirst() else { return Outcome(answer: nil, photo: nil) }
        let photo = keepsPhotos && status.likeliest != row.truth ? try cutOut(face, of: image) : nil
        return Outcome(
          answer: .init(
            probabilities: MaskEvaluation.classes.map { MaskLabel(className: $0).map { status[$0] } ?? 0 },
            isUnsure: status.label == .unsure),
          photo: photo)
      }
    }

    /// The face that overlaps a labelled box most. Both its own box and its head are tried, because labels frame
    /// either.
    private static func overlapping(_ box: Rect, among faces: [Face]) -> Face? {
      let overlaps = faces.map { max($0.detection.box.overlap(box), $0.detection.head.overlap(box)) }
      guard let best = overlaps.indices.max(by: { overlaps[$0] < overlaps[$1] }), overlaps[best] >= leastOverlap
      else { return nil }
      return faces[best]
    }

    /// The face in the frame that the classifier uses, at a size for people.
    private func cutOut(_ face: Face, of image: Image) throws -> Data {
      let geometry = ChipGeometry(side: 200, padding: classifier.geometry.padding)
      return try Image(
        rgb: try geometry.cut(image, face.landmarks), width: geometry.side, height: geometry.side
      ).encoded(as: .jpeg, quality: 85)
    }
  }

  // MARK: Text

  private static func trainingLog(_ file: String) throws -> TrainingLog {
    do {
      return try TrainingLog(parsing: String(contentsOfFile: file, encoding: .utf8))
    } catch {
      throw Complaint("\(file): \(error is CSV.Failure ? "\(error)" : error.localizedDescription)")
    }
  }

  private static func facts(
    _ invocation: Invocation, labels: String, models: Models, badRows: Int, unreadable: Int
  ) throws -> [(name: String, value: String)] {
    func digest(_ url: URL) throws -> String { Digest.sha256(try Data(contentsOf: url)) }
    return [
      ("labels", (labels as NSString).lastPathComponent + (invocation[split].map { ", split \($0)" } ?? "")),
      ("labels, SHA-256", try digest(URL(fileURLWithPath: labels))),
      ("network, SHA-256", try digest(models.url(.maskClassifier))),
      ("parameters, SHA-256", try digest(models.url(.maskClassifierParameters))),
      ("rows that could not be read", "\(badRows)"), ("photos that could not be read", "\(unreadable)"),
      ("made by", "rollcall \(Rollcall.version), arithmetic in \(invocation[Common.precision].rawValue)"),
    ]
  }

  private static func lines(_ evaluation: MaskEvaluation, badRows: Int, unreadable: Int) -> [(String, String)] {
    let (figures, all) = (evaluation.figures, evaluation.figures.all)
    func share(_ name: String, _ share: Proportion?) -> (String, String)? {
      share.map { (name, "\(Evaluate.percent($0.value)) of \($0.total) \(interval($0.interval))") }
    }
    func mean(_ name: String, _ mean: Classification.Mean?) -> (String, String)? {
      mean.map { (name, "\(Evaluate.percent($0.value)) \(interval($0.interval))") }
    }
    let found = figures.found
    return [
      ("faces", "\(all.total), \(all.missed) of them missed"),
      badRows > 0 ? ("rows not read", "\(badRows)") : nil,
      unreadable > 0 ? ("photos not read", "\(unreadable)") : nil,
      share("accuracy", all.accuracy), mean("balanced accuracy", all.balancedAccuracy),
      share("mask against none", all.maskAgainstNone), mean("balanced, of three", all.balancedOfThree),
      share("covering called mask", figures.coveringCalledMask), share("unsure", figures.unsure),
      figures.calibration.map {
        ("calibration", String(format: "expected error %.4f, Brier score %.4f", $0.expectedError, $0.brier))
      },
      found.flatMap { share("of found faces: accuracy", $0.accuracy) },
      found.flatMap { mean("  balanced accuracy", $0.balancedAccuracy) },
      found.flatMap { share("  mask against none", $0.maskAgainstNone) },
    ].compactMap { $0 }
  }

  private static func tables(_ evaluation: MaskEvaluation, column: String) -> [TextTable] {
    let (figures, all) = (evaluation.figures, evaluation.figures.all)
    func text(_ share: Proportion?) -> String { share.map { Evaluate.percent($0.value) } ?? "–" }
    func decimals(_ number: Double?) -> String { number.map { String(format: "%.3f", $0) } ?? "–" }
    var classes = TextTable(
      [.init("class")] + ["faces", "precision", "recall", "ROC area", "avg. precision"].map { .init($0, .right) }
        + [.init("called:")] + (all.classes + ["missed"]).map { .init($0, .right) })
    for label in all.classes {
      classes.add(
        [
          label, "\(all.count(of: label))", text(all.precision(of: label)), text(all.recall(of: label)),
          decimals(figures.rankings[label]?.area), decimals(figures.rankings[label]?.averagePrecision), "",
        ] + (all.classes + [nil]).map { "\(all.count(of: label, as: $0))" })
    }
    guard !evaluation.groups.isEmpty else { return [classes] }
    var groups = TextTable(
      [.init(column)]
        + [
          "faces", "missed", "accuracy", "balanced", "mask/none", "of three", "cov. as mask", "unsure", "calibration",
        ].map { .init($0, .right) })
    for group in evaluation.groups {
      let (figures, all) = (group.figures, group.figures.all)
      groups.add([
        group.name, "\(all.total)", "\(all.missed)", text(all.accuracy), Evaluate.percent(all.balancedAccuracy.value),
        text(all.maskAgainstNone), all.balancedOfThree.map { Evaluate.percent($0.value) } ?? "–",
        text(figures.coveringCalledMask), text(figures.unsure), decimals(figures.calibration?.expectedError),
      ])
    }
    var spreads = TextTable([
      .init("over each \(column)"), .init("mean", .right), .init("worst", .right), .init("where"),
    ])
    for (key, spread) in evaluation.spreads {
      spreads.add([
        key.replacingOccurrences(of: "_", with: " "), Evaluate.percent(spread.mean), Evaluate.percent(spread.worst),
        spread.group,
      ])
    }
    return [classes, groups, spreads]
  }

  private static func interval(_ range: ClosedRange<Double>) -> String {
    String(format: "(%.1f to %.1f %%)", range.lowerBound * 100, range.upperBound * 100)
  }
}
