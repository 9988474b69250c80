public import Evaluation
public import Formats
public import Foundation

/// The report of a mask evaluation, written to a folder: a page, its plots and its figures.
///
/// ```swift
/// var report = MaskReport(evaluation, unsureBelow: 0.7)
/// report.facts = [("Label file", "masks.csv")]
/// try report.write(to: URL(fileURLWithPath: "report"), with: Plotter())
/// ```
///
/// The report has no date, so the same input gives the same report.
public struct MaskReport: Sendable {
  /// A face that was given a wrong class, or was missed.
  public struct Mistake: Sendable {
    /// The photo's file name, as in the label file.
    public let file: String
    /// The face's class.
    public let truth: String
    /// The answer of the classifier; nil for a missed face.
    public let answer: MaskTrial.Answer?
    /// The value that results are compared by, such as the source of the photo.
    public let group: String?
    /// The face cut out of the photo, as JPEG; nil leaves it out of the page.
    public let photo: Data?

    /// A mistake.
    public init(file: String, truth: String, answer: MaskTrial.Answer?, group: String?, photo: Data?) {
      self.file = file
      self.truth = truth
      self.answer = answer
      self.group = group
      self.photo = photo
    }
  }

  /// The column of the label file that results are compared by.
  public var column = "source"
  /// Facts for the page, each with a name: what was measured, and with what.
  public var facts: [(name: String, value: String)] = []
  /// All mistakes in any order. The page shows the worst of them.
  public var mistakes: [Mistake] = []
  /// Whether photos were left out on purpose. The page then states it.
  public var leavesPhotosOut = false
  /// The training of the network; nil if it is unknown.
  public var training: TrainingLog?

  /// The number of mistakes that the page shows.
  private static let shown = 60

  let evaluation: MaskEvaluation
  private let unsureBelow: Double

  /// Prepares a report of an evaluation.
  ///
  /// - Parameter unsureBelow: The confidence, 0 to 1, below which an answer is unsure.
  public init(_ evaluation: MaskEvaluation, unsureBelow: Double) {
    self.evaluation = evaluation
    self.unsureBelow = unsureBelow
  }

  /// Draws the plots and writes the report: `index.html`, the plots as PNG and `report.json`.
  ///
  /// The page contains its plots and needs none of the other files. Each plot is also written for dark pages. Files of
  /// these names are replaced.
  ///
  /// - Parameter folder: The folder of the report. It is created if it does not exist.
  /// - Throws: `ReportError`.
  public func write(to folder: URL, with plotter: Plotter) throws(ReportError) {
    func save(_ data: Data, as name: String) throws(ReportError) {
      do {
        try data.write(to: folder.appendingPathComponent(name), options: .atomic)
      } catch {
        throw ReportError(
          .writing, "\(folder.appendingPathComponent(name).path) could not be written: \(error.localizedDescription)")
      }
    }
    try MaskReport.prepare(folder)
    func figure(_ plot: Plot) throws(ReportError) -> String {
      let (light, dark) = (try plotter.draw(plot.script(.light)), try plotter.draw(plot.script(.dark)))
      try save(light, as: plot.name + ".png")
      try save(dark, as: plot.name + "-dark.png")
      return HTML.plot(plot, light: light, dark: dark)
    }
    var plots = ""
    for plot in MaskPlots.all(evaluation.figures, unsureBelow: unsureBelow) { plots += try figure(plot) }
    var courses = ""
    for plot in training.map(MaskPlots.training) ?? [] { courses += try figure(plot) }
    try save(Data(json.text(pretty: true, decimals: 5).utf8), as: "report.json")
    try save(Data(page(plots: plots, training: courses).utf8), as: "index.html")
  }

  /// Creates the folder of a report. Call it before a long evaluation, so that the report can be written at the end.
  ///
  /// - Throws: `ReportError` with code `writing`.
  public static func prepare(_ folder: URL) throws(ReportError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ReportError(.writing, "the folder \(folder.path) could not be made: \(error.localizedDescription)")
    }
  }

  /// The mistakes by the probability of their own class, the lowest first, then the missed faces.
  private var worstFirst: [Mistake] {
    func order(_ mistake: Mistake) -> (Double, String) {
      (mistake.answer.map { $0.probability(of: mistake.truth) } ?? .infinity, mistake.file)
    }
    return mistakes.sorted { order($0) < order($1) }
  }

  /// The figures of the evaluation as JSON, then `reliability` (the bins that have faces), all `mistakes`, the worst
  /// first, and `training` if it is known.
  public var json: JSONValue {
    guard case .object(var members) = evaluation.json(groupedBy: column) else { return .null }
    members.append(.init("about", .object(facts.map { .init($0.name, .string($0.value)) })))
    members.append(
      .init(
        "reliability",
        .array(
          (evaluation.figures.calibration?.bins ?? []).filter { $0.count > 0 }.map { bin in
            [
              "from": .double(bin.range.lowerBound), "to": .double(bin.range.upperBound), "faces": .int(bin.count),
              "confidence": .optional(bin.confidence), "accuracy": .optional(bin.accuracy?.value),
            ]
          })))
    members.append(
      .init(
        "mistakes",
        .array(
          worstFirst.map { mistake in
            [
              "file": .string(mistake.file), "class": .string(mistake.truth),
              "called": .optional(mistake.answer?.label), "confidence": .optional(mistake.answer?.confidence),
              "probability_of_class": .optional(mistake.answer?.probability(of: mistake.truth)),
            ]
          })))
    if let training {
      members.append(
        .init(
          "training",
          .array(
            training.folds.flatMap { fold in
              fold.epochs.map { epoch in
                [
                  "fold": .string(fold.name), "epoch": .int(epoch.number), "train_loss": .optional(epoch.trainingLoss),
                  "val_loss": .optional(epoch.validationLoss), "train_accuracy": .optional(epoch.trainingAccuracy),
                  "val_accuracy": .optional(epoch.validationAccuracy),
                ]
              }
            })))
    }
    return .object(members)
  }

  // MARK: The page

  private func page(plots: String, training: String) -> String {
    let all = evaluation.figures.all
    let facts = facts.map { "<dt>\(HTML.escaped($0.name))</dt><dd>\(HTML.escaped($0.value))</dd>" }
    let sections = [
      """
      <h1>How well masks are told</h1>
      <p class="soft">\(all.total) labelled faces, \(all.missed) of them missed by the detector. A missed face counts \
      as wrong.</p>
      <dl class="tiles">
      \(tiles.joined(separator: "\n"))
      </dl>
      <p class="soft">Small print below a figure: its 95 % interval and the faces it is of.</p>
      """,
      "<h2>By class</h2>\n" + classTable + confusionTable,
      evaluation.groups.isEmpty ? "" : "<h2>By \(HTML.escaped(column))</h2>\n" + groupTable + spreadTable,
      "<h2>Curves</h2>\n<div class=\"plots\">\n\(plots)</div>",
      training.isEmpty
        ? "" : "<h2>Training</h2>\n<div class=\"plots\">\n\(training)</div>",
      "<h2>Worst mistakes</h2>\n" + worst,
      "<h2>How it is counted</h2>\n" + method,
      facts.isEmpty ? "" : "<h2>What was measured</h2>\n<dl class=\"facts\">\n\(facts.joined(separator: "\n"))\n</dl>",
    ]
    return HTML.page(
      title: "Rollcall: how well masks are told", body: sections.filter { !$0.isEmpty }.joined(separator: "\n"))
  }

  private var tiles: [String] {
    let figures = evaluation.figures
    let all = figures.all
    func tile(_ name: String, _ value: String?, _ detail: String) -> String {
      "<div><dt>\(HTML.escaped(name))</dt><dd>\(HTML.escaped(value ?? "–"))</dd><dd>\(HTML.escaped(detail))</dd></div>"
    }
    func tile(_ name: String, _ share: Proportion?) -> String {
      tile(
        name, share.map { percent($0.value) },
        share.map { "\(Self.interval($0.interval)), of \($0.total)" } ?? "no such face")
    }
    func tile(_ name: String, _ mean: Classification.Mean?) -> String {
      tile(name, mean.map { percent($0.value) }, mean.map { Self.interval($0.interval) } ?? "a class is missing")
    }
    return [
      tile("Accuracy", all.accuracy), tile("Balanced accuracy", all.balancedAccuracy),
      tile("Mask against none", all.maskAgainstNone),
      tile("Balanced, of mask, incorrect, none", all.balancedOfThree),
      tile("Covering called mask", figures.coveringCalledMask), tile("Unsure", figures.unsure),
      tile(
        "Expected calibration error", figures.calibration.map { Self.decimals($0.expectedError) },
        "Brier score \(figures.calibration.map { Self.decimals($0.brier) } ?? "–")"),
      tile("Accuracy, of found faces", figures.found?.accuracy),
    ]
  }

  private var worst: String {
    guard !mistakes.isEmpty else { return "<p>There are none.</p>" }
    let shown = worstFirst.prefix(Self.shown)
    let rows = shown.map { mistake in
      [
        mistake.file, mistake.truth, mistake.answer?.label ?? "missed",
        mistake.answer.map { percent($0.confidence, decimals: 1) } ?? "–",
        mistake.answer.map { percent($0.probability(of: mistake.truth), decimals: 1) } ?? "–", mistake.group ?? "–",
      ]
    }
    let table = HTML.table(
      "\(shown.count) of \(mistakes.count): those whose own class was given the least probability, then missed ones. "
        + "All are in report.json.",
      ["photo", "labelled", "called", "with", "own class had", column], rows)
    if leavesPhotosOut {
      return "<p class=\"note\">The photos are left out of this report, as was asked for.</p>\n" + table
    }
    let faces = shown.compactMap { mistake -> String? in
      guard let photo = mistake.photo, let answer = mistake.answer else { return nil }
      return """
        <figure><img src="\(HTML.embedded(photo, "image/jpeg"))" width="160" height="160" \
        alt="labelled \(HTML.escaped(mistake.truth)), called \(HTML.escaped(answer.label))">
        <figcaption>\(HTML.escaped(mistake.truth)), called <b>\(HTML.escaped(answer.label))</b> with \
        \(percent(answer.confidence, decimals: 0))<br><span \
        class="soft">\(HTML.escaped(mistake.file))</span></figcaption></figure>
        """
    }
    return """
      <p class="note">These are photos of people. Keep this page to yourself, or make it again without the photos.</p>
      <div class="faces">
      \(faces.joined(separator: "\n"))
      </div>
      <details><summary>As a table</summary>
      \(table)</details>
      """
  }

  private var method: String {
    """
    <p>A face is given its likeliest class. An answer whose class has a probability below \
    \(Self.decimals(unsureBelow)) is shown as “unsure”; here it counts by its likeliest class, and the share of unsure \
    answers is told beside it.</p>
    <p>“Mask against none” is the share of masked and bare faces that were called just that: any other answer is \
    wrong. “Balanced” is the mean of the classes’ recalls, “of three” that of mask, incorrect and none. Shares of \
    unsure answers and of coverings called mask, calibration and curves are of the faces that were found.</p>
    <p>Intervals are Wilson’s for shares; for means of shares they are put together from those (MOVER). The expected \
    calibration error has \(Calibration.bins) bins of equal width over the confidence from 0 to 1. The Brier score is \
    summed over the classes: 0 is perfect, 2 the worst. Average precision is not interpolated.</p>
    """
  }

  static func text(_ share: Proportion?) -> String { share.map { percent($0.value) } ?? "–" }
  static func interval(_ share: Proportion?) -> String { share.map { interval($0.interval) } ?? "–" }
  static func interval(_ range: ClosedRange<Double>) -> String {
    String(format: "%.1f–%.1f %%", range.lowerBound * 100, range.upperBound * 100)
  }
  static func decimals(_ number: Double) -> String { String(format: "%.3f", number) }
}
