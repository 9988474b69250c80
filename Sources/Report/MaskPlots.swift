import Evaluation
import Foundation

/// The plots of a mask evaluation.
enum MaskPlots {
  /// All plots that the figures have data for.
  ///
  /// - Parameter unsureBelow: The confidence, 0 to 1, below which an answer is unsure.
  static func all(_ figures: MaskFigures, unsureBelow: Double) -> [Plot] {
    [confusion(figures.all)]
      + [
        figures.rankings.isEmpty ? nil : receiver(figures), figures.rankings.isEmpty ? nil : precisionRecall(figures),
        figures.calibration.map(reliability), figures.calibration.map { confidence($0, unsureBelow: unsureBelow) },
      ].compactMap { $0 }
  }

  private static func confusion(_ figures: Classification) -> Plot {
    let classes = figures.classes
    let words = classes.map { truth in
      classes.map { "\(truth) called \($0): \(figures.count(of: truth, as: $0))" }.joined(separator: ", ")
    }
    return Plot(
      "confusion", title: "What faces were called",
      description: "Confusion matrix. " + words.joined(separator: "; ") + ". Missed: \(figures.missed)."
    ) { theme in
      var lines = [
        "unset grid", "unset border", "unset key", "set tics scale 0", "set xrange [0:\(Double(classes.count) + 1.15)]",
        "set yrange [\(classes.count):0]", "set ylabel 'labelled'", "set xlabel 'called'",
        "set xtics (\(ticks(classes + ["missed"])))", "set ytics (\(ticks(classes)))",
      ]
      for (row, truth) in classes.enumerated() {
        let total = figures.count(of: truth)
        for column in 0...classes.count {
          let predicted = column < classes.count ? classes[column] : nil
          let count = figures.count(of: truth, as: predicted)
          let share = total == 0 ? 0 : Double(count) / Double(total)
          // The column of missed faces stands apart, because they were given no class.
          let left = Double(column) + (predicted == nil ? 0.15 : 0)
          let right = predicted == truth || total == 0
          let fill = theme.background.mixed(with: right ? theme.accent : theme.wrong, 0.06 + 0.9 * share)
          let ink = share > 0.5 ? theme.background : theme.ink
          lines.append(
            "set object rectangle from \(left + 0.03),\(Double(row) + 0.03) to \(left + 0.97),\(Double(row) + 0.97) "
              + "fillcolor rgb '\(fill.text)' fillstyle solid noborder behind")
          lines.append(
            "set label '\(count)' at \(left + 0.5),\(Double(row) + 0.4) center textcolor rgb '\(ink.text)' font ',29'")
          if total > 0 {
            lines.append(
              "set label '\(percent(share, decimals: 1))' at \(left + 0.5),\(Double(row) + 0.7) center "
                + "textcolor rgb '\(ink.text)' font ',19'")
          }
        }
      }
      return (lines + ["plot NaN"]).joined(separator: "\n")
    }
  }

  private static func ticks(_ names: [String]) -> String {
    names.enumerated().map { index, name in
      "\(quoted(name)) \(Double(index) + 0.5 + (name == "missed" ? 0.15 : 0))"
    }.joined(separator: ", ")
  }

  private static func receiver(_ figures: MaskFigures) -> Plot {
    let classes = ranked(figures)
    return Plot(
      "roc", title: "ROC, and the areas under it",
      description: "Receiver operating characteristic by class. Areas under the curves: "
        + classes.map { "\($0.label) \(decimals($0.curve.area))" }.joined(separator: ", ") + "."
    ) { theme in
      let blocks = classes.map { entry in
        block(entry.label, [[0, 0]] + entry.curve.points.map { [$0.falsePositiveRate, $0.recall] })
      }
      let lines = classes.map { entry in
        "$\(entry.label) using 1:2 with lines linewidth 2 \(style(entry.index, theme)) "
          + "title '\(entry.label) \(decimals(entry.curve.area))'"
      }
      return blocks.joined() + """
        set xrange [0:1]
        set yrange [0:1.01]
        set xlabel 'false positive rate'
        set ylabel 'true positive rate (recall)'
        plot x with lines dashtype 3 linecolor rgb '\(theme.ink.mixed(with: theme.background, 0.5).text)', \
        \(lines.joined(separator: ", "))
        """
    }
  }

  private static func precisionRecall(_ figures: MaskFigures) -> Plot {
    let classes = ranked(figures)
    return Plot(
      "precision-recall", title: "Precision and recall, and average precision",
      description: "Precision against recall by class. Average precision: "
        + classes.map { "\($0.label) \(decimals($0.curve.averagePrecision))" }.joined(separator: ", ") + "."
    ) { theme in
      let blocks = classes.map { entry in
        block(
          entry.label,
          [[0, entry.curve.points.first?.precision]] + entry.curve.points.map { [$0.recall, $0.precision] })
      }
      let lines = classes.map { entry in
        "$\(entry.label) using 1:2 with lines linewidth 2 \(style(entry.index, theme)) "
          + "title '\(entry.label) \(decimals(entry.curve.averagePrecision))'"
      }
      return blocks.joined() + """
        set xrange [0:1]
        set yrange [0:1.01]
        set xlabel 'recall'
        set ylabel 'precision'
        plot \(lines.joined(separator: ", "))
        """
    }
  }

  private static func reliability(_ calibration: Calibration) -> Plot {
    Plot(
      "reliability", title: "Can the probabilities be believed?",
      description:
        "Reliability diagram: the share that is right against the stated confidence, in \(Calibration.bins) bins. "
        + "Expected calibration error \(decimals(calibration.expectedError))."
    ) { theme in
      let rows = calibration.bins.compactMap { bin -> [Double?]? in
        guard let accuracy = bin.accuracy else { return nil }
        return [
          bin.confidence, accuracy.value, accuracy.interval.lowerBound, accuracy.interval.upperBound,
          (bin.range.lowerBound + bin.range.upperBound) / 2,
        ]
      }
      return block("bins", rows) + """
        set xrange [0:1]
        set yrange [0:1.01]
        set xlabel 'confidence: the likeliest class''s probability'
        set ylabel 'share that is right'
        set boxwidth \(0.9 / Double(Calibration.bins))
        set style fill solid noborder
        plot $bins using 5:2 with boxes linecolor rgb '\(theme.background.mixed(with: theme.accent, 0.3).text)' title \
        'right, by bin', x with lines dashtype 3 linecolor rgb '\(theme.ink.text)' title 'perfect', $bins using \
        1:2:3:4 with yerrorbars pointtype 7 pointsize 1.2 linewidth 1.4 linecolor rgb '\(theme.accent.text)' title \
        'with 95 % interval'
        """
    }
  }

  private static func confidence(_ calibration: Calibration, unsureBelow: Double) -> Plot {
    Plot(
      "confidence", title: "How sure the answers are",
      description: "Histogram of confidence: "
        + calibration.bins.filter { $0.count > 0 }.map {
          String(format: "%.2f to %.2f: ", $0.range.lowerBound, $0.range.upperBound)
            + "\($0.right) right, \($0.count - $0.right) wrong"
        }.joined(separator: "; ") + "."
    ) { theme in
      let width = 1 / Double(Calibration.bins)
      let rows = calibration.bins.map { bin -> [Double?] in
        let centre = (bin.range.lowerBound + bin.range.upperBound) / 2
        // A logarithmic scale has no zero, so an empty bin has no bar.
        return [
          centre - width * 0.21, centre + width * 0.21, bin.right > 0 ? Double(bin.right) : nil,
          bin.count > bin.right ? Double(bin.count - bin.right) : nil,
        ]
      }
      let highest = Double(calibration.bins.map(\.count).max() ?? 1)
      return block("bins", rows) + """
        set xrange [0:1]
        set logscale y
        set yrange [0.7:\(highest * 4)]
        set xlabel 'confidence: the likeliest class''s probability'
        set ylabel 'faces (logarithmic)'
        set boxwidth \(width * 0.42)
        set style fill solid noborder
        set arrow from \(unsureBelow),0.7 to \(unsureBelow),\(highest * 1.5) nohead dashtype 2 \
        linecolor rgb '\(theme.ink.text)' front
        set label 'unsure ' at \(unsureBelow),\(highest * 1.2) right textcolor rgb '\(theme.ink.text)' front
        plot $bins using 1:3 with boxes linecolor rgb '\(theme.accent.text)' title 'right', \
        $bins using 2:4 with boxes linecolor rgb '\(theme.wrong.text)' title 'wrong'
        """
    }
  }

  /// The loss and the accuracy of a training, by epoch.
  static func training(_ log: TrainingLog) -> [Plot] {
    [
      course(
        log, "training-loss", title: "Loss in training", axis: "loss", limits: "set yrange [0:*]", \.trainingLoss,
        \.validationLoss),
      course(
        log, "training-accuracy", title: "Accuracy in training", axis: "accuracy", limits: "set yrange [*:1.005]",
        \.trainingAccuracy, \.validationAccuracy),
    ]
  }

  private static func course(
    _ log: TrainingLog, _ name: String, title: String, axis: String, limits: String,
    _ training: KeyPath<TrainingLog.Epoch, Double?> & Sendable,
    _ validation: KeyPath<TrainingLog.Epoch, Double?> & Sendable
  ) -> Plot {
    let ends = log.folds.map { fold in
      let last = fold.epochs.compactMap { $0[keyPath: validation] }.last
      return (fold.name.isEmpty ? "" : fold.name + " ") + (last.map(decimals) ?? "unknown")
    }
    return Plot(
      name, title: title,
      description: "\(title) over \(log.folds.map(\.epochs.count).max() ?? 0) epochs. "
        + "Validation at the end: \(ends.joined(separator: ", "))."
    ) { theme in
      var (blocks, lines): (String, [String]) = ("", [])
      for (index, fold) in log.folds.enumerated() {
        blocks += block(
          "fold\(index)", fold.epochs.map { [Double($0.number), $0[keyPath: training], $0[keyPath: validation]] })
        let color = "linecolor rgb '\(theme.lines[index % theme.lines.count].text)'"
        let isOnly = log.folds.count == 1
        lines.append(
          "$fold\(index) using 1:2 with lines linewidth 1.2 dashtype 2 \(color)" + (isOnly ? " title 'training'" : ""))
        lines.append(
          "$fold\(index) using 1:3 with lines linewidth 2 \(color) "
            + "title \(quoted(isOnly ? "validation" : fold.name))")
      }
      if log.folds.count > 1 {
        lines.append("NaN with lines dashtype 2 linecolor rgb '\(theme.ink.text)' title 'training'")
        lines.append("NaN with lines linewidth 2 linecolor rgb '\(theme.ink.text)' title 'validation'")
      }
      let longest = log.folds.flatMap(\.epochs).map(\.number).max() ?? 1
      return blocks + """
        \(limits)
        set xtics \(max(1, longest / 8))
        set xlabel 'epoch'
        set ylabel '\(axis)'
        plot \(lines.joined(separator: ", "))
        """
    }
  }

  private static func ranked(_ figures: MaskFigures) -> [(label: String, curve: RankingCurve, index: Int)] {
    MaskEvaluation.classes.enumerated().compactMap { index, label in
      figures.rankings[label].map { (label, $0, index) }
    }
  }

  /// Colour and dashes. Each alone distinguishes the classes.
  private static func style(_ index: Int, _ theme: Theme) -> String {
    "linecolor rgb '\(theme.lines[index].text)' dashtype \([1, 2, 4, 5][index % 4])"
  }

  private static func decimals(_ number: Double) -> String { String(format: "%.3f", number) }
}
