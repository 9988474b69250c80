import Evaluation
import Foundation

/// The tables of a mask report.
extension MaskReport {
  var classTable: String {
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

  var confusionTable: String {
    let all = evaluation.figures.all
    return HTML.table(
      "Rows: what faces are. Columns: what they were called.", ["labelled"] + all.classes + ["missed"],
      all.classes.map { truth in
        [truth] + all.classes.map { "\(all.count(of: truth, as: $0))" } + ["\(all.count(of: truth, as: nil))"]
      })
  }

  var groupTable: String {
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

  var spreadTable: String {
    HTML.table(
      "Mean and worst, each \(column) that has the figure weighing the same.", ["figure", "mean", "worst", "where"],
      evaluation.spreads.map { key, spread in
        [
          key.replacingOccurrences(of: "_", with: " "), percent(spread.mean), percent(spread.worst), spread.group,
        ]
      })
  }
}
