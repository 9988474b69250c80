public import Evaluation
public import Formats
public import Foundation

/// A page, its plots and its figures on how well masks are told, in a folder.
///
/// The same input gives the same report: there is no date in it.
public struct MaskReport: Sendable {
  /// A face that was given another class than its own, or was missed.
  public struct Mistake: Sendable {
    /// The photo, as the label file has it.
    public let file: String
    /// The face's class.
    public let truth: String
    /// What the classifier said; nil for a missed face.
    public let answer: MaskTrial.Answer?
    /// What the face is compared by, such as the source of the photo.
    public let group: String?
    /// The face cut out, as JPEG; nil leaves it out.
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

  /// What the set is compared by, as the label file calls it.
  public var column = "source"
  /// What was measured and with what, each with a name: it stands on the page.
  public var facts: [(name: String, value: String)] = []
  /// All mistakes in any order. The page shows the worst of them.
  public var mistakes: [Mistake] = []
  /// Whether photos were left out on purpose; the page then says so.
  public var leavesPhotosOut = false
  /// How the network's training went; nil if that is unknown.
  public var training: TrainingLog?

  /// How many mistakes the page shows.
  private static let shown = 60

  private let evaluation: MaskEvaluation
  private let unsureBelow: Double

  /// A report of an evaluation.
  ///
  /// - Parameter unsureBelow: the confidence, 0 to 1, below which an answer is unsure.
  public init(_ evaluation: MaskEvaluation, unsureBelow: Double) {
    self.evaluation = evaluation
    self.unsureBelow = unsureBelow
  }

  /// Draws the plots and writes everything: `index.html`, which needs none of the other files, the plots as PNG, each also for dark
  /// pages, and `report.json`. Files of these names are replaced.
  ///
  /// - Parameter folder: is made if it is not there.
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

  /// Makes a report's folder, so that a long evaluation does not end without a place for its report.
  ///
  /// - Throws: `ReportError` with code `writing`.
  public static func prepare(_ folder: URL) throws(ReportError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ReportError(.writing, "the folder \(folder.path) could not be made: \(error.localizedDescription)")
    }
  }

  /// Those whose own class was given the least probability, then missed faces.
  private var worstFirst: [Mistake] {
    func order(_ mistake: Mistake) -> (Double, String) {
      (mistake.answer.map { $0.probability(of: mistake.truth) } ?? .infinity, mistake.file)
    }
    return mistakes.sorted { order($0) < order($1) }
  }

  /// The evaluation's figures, then `reliability` (the bins that have faces), all `mistakes`, the worst first, and, if it is known,
  /// `training`.
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
      <p class="soft">\(all.total) labelled faces, \(all.missed) of them missed by the detector. A missed face counts as wrong.</p>
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

  private var classTable: String {
    let figures = evaluation.figures
    return HTML.table(
      "Precision and recall count missed faces as wrong; the areas rank the faces that were found.",
      [
        "class", "faces", "precision", "95 %", "recall", "95 %", "recall of found", "area under ROC",
        "average precision",
      ],
      MaskEvaluation.classes.map { label in
        let (precision, recall) = (figures.all.precision(of: label), figures.all.recall(of: label))
        let ranking = figures.rankings[label]
        return [
          label, "\(figures.all.count(of: label))", Self.text(precision), Self.interval(precision), Self.text(recall),
          Self.interval(recall), Self.text(figures.found?.recall(of: label)),
          ranking.map { Self.decimals($0.area) } ?? "–", ranking.map { Self.decimals($0.averagePrecision) } ?? "–",
        ]
      })
  }

  private var confusionTable: String {
    let all = evaluation.figures.all
    return HTML.table(
      "Rows: what faces are. Columns: what they were called.", ["labelled"] + all.classes + ["missed"],
      all.classes.map { truth in
        [truth] + all.classes.map { "\(all.count(of: truth, as: $0))" } + ["\(all.count(of: truth, as: nil))"]
      })
  }

  private var groupTable: String {
    HTML.table(
      "All faces, missed ones counted as wrong, but for the last three columns.",
      [
        column, "faces", "missed", "accuracy", "balanced", "mask against none", "balanced of three",
        "covering called mask", "unsure", "calibration error",
      ],
      evaluation.groups.map { group in
        let (figures, all) = (group.figures, group.figures.all)
        return [
          group.name, "\(all.total)", "\(all.missed)", percent(all.accuracy.value),
          percent(all.balancedAccuracy.value), Self.text(all.maskAgainstNone),
          all.balancedOfThree.map { percent($0.value) } ?? "–", Self.text(figures.coveringCalledMask),
          Self.text(figures.unsure), figures.calibration.map { Self.decimals($0.expectedError) } ?? "–",
        ]
      })
  }

  private var spreadTable: String {
    HTML.table(
      "Mean and worst, each \(column) that has the figure weighing the same.", ["figure", "mean", "worst", "where"],
      evaluation.spreads.map { key, spread in
        [
          key.replacingOccurrences(of: "_", with: " "), percent(spread.mean), percent(spread.worst), spread.group,
        ]
      })
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
      return "<p class=\"note\">The photos are left out of this report: it was made with --no-photos.</p>\n" + table
    }
    let faces = shown.compactMap { mistake -> String? in
      guard let photo = mistake.photo, let answer = mistake.answer else { return nil }
      return """
        <figure><img src="\(HTML.embedded(photo, "image/jpeg"))" width="160" height="160" \
        alt="labelled \(HTML.escaped(mistake.truth)), called \(HTML.escaped(answer.label))">
        <figcaption>\(HTML.escaped(mistake.truth)), called <b>\(HTML.escaped(answer.label))</b> with \
        \(percent(answer.confidence, decimals: 0))<br><span class="soft">\(HTML.escaped(mistake.file))</span></figcaption></figure>
        """
    }
    return """
      <p class="note">These are photos of people. Keep this page to yourself, or make it again with --no-photos.</p>
      <div class="faces">
      \(faces.joined(separator: "\n"))
      </div>
      <details><summary>As a table</summary>
      \(table)</details>
      """
  }

  private var method: String {
    """
    <p>A face is given its likeliest class. An answer whose class has a probability below \(Self.decimals(unsureBelow)) is \
    shown as “unsure”; here it counts by its likeliest class, and the share of unsure answers is told beside it.</p>
    <p>“Mask against none” is the share of masked and bare faces that were called just that: any other answer is wrong. \
    “Balanced” is the mean of the classes’ recalls, “of three” that of mask, incorrect and none. Shares of unsure answers and of \
    coverings called mask, calibration and curves are of the faces that were found.</p>
    <p>Intervals are Wilson’s for shares; for means of shares they are put together from those (MOVER). The expected calibration \
    error has \(Calibration.bins) bins of equal width over the confidence from 0 to 1. The Brier score is summed over the \
    classes: 0 is perfect, 2 the worst. Average precision is not interpolated.</p>
    """
  }

  private static func text(_ share: Proportion?) -> String { share.map { percent($0.value) } ?? "–" }
  private static func interval(_ share: Proportion?) -> String { share.map { interval($0.interval) } ?? "–" }
  private static func interval(_ range: ClosedRange<Double>) -> String {
    String(format: "%.1f–%.1f %%", range.lowerBound * 100, range.upperBound * 100)
  }
  private static func decimals(_ number: Double) -> String { String(format: "%.3f", number) }
}
