public import Formats

/// A labelled face, with the answer of the mask classifier.
public struct MaskTrial: Sendable, Equatable {
  /// The answer of the classifier.
  public struct Answer: Sendable, Equatable {
    /// The probabilities in the order of `MaskEvaluation.classes`. They sum to 1.
    public let probabilities: [Double]
    /// Whether the program would report “unsure”.
    public let isUnsure: Bool

    /// An answer.
    public init(probabilities: [Double], isUnsure: Bool) {
      self.probabilities = probabilities
      self.isUnsure = isUnsure
    }

    /// The likeliest class, even if the answer is unsure.
    public var label: String { MaskEvaluation.classes[probabilities.likeliest] }
    /// The probability of the likeliest class, 0 to 1.
    public var confidence: Double { probabilities[probabilities.likeliest] }
    /// The probability of a class, 0 to 1; 0 for an unknown class.
    public func probability(of label: String) -> Double {
      MaskEvaluation.classes.firstIndex(of: label).map { probabilities[$0] } ?? 0
    }
  }

  /// The face's class, one of `MaskEvaluation.classes`.
  public let truth: String
  /// The answer; nil if the detector missed the face.
  public let answer: Answer?
  /// The value that results are compared by, such as the source of the photo.
  public let group: String?

  /// A labelled face.
  public init(truth: String, answer: Answer?, group: String? = nil) {
    self.truth = truth
    self.answer = answer
    self.group = group
  }
}

/// Figures of mask classification over a set of faces.
///
/// A face is given its likeliest class, also where the answer is unsure. The share of unsure answers is reported
/// separately and changes no other figure.
public struct MaskFigures: Sendable, Equatable {
  /// Over all faces. A missed face counts as wrong.
  public let all: Classification
  /// Over the faces that were found; nil if none was found.
  public let found: Classification?
  /// The share of unsure answers among the found faces; nil if none was found.
  public let unsure: Proportion?
  /// Of the found faces with another covering over the mouth, the share that is called a mask; nil if there is no such
  /// face.
  public let coveringCalledMask: Proportion?
  /// Of the found faces with a mask and the bare ones, the share where the right one of these two classes is the
  /// likelier. The other classes are ignored. Nil if there is no such face.
  public let maskAgainstNoneAlone: Proportion?
  /// How well the probabilities of the found faces agree with the truth; nil if none was found.
  public let calibration: Calibration?
  /// How well the probability of each class ranks the found faces, by class. A class is left out if it has no found
  /// face, or if all found faces are of it.
  public let rankings: [String: RankingCurve]

  /// - Requires: The trials are valid.
  init?(_ trials: [MaskTrial]) {
    let classes = MaskEvaluation.classes
    let outcomes = trials.compactMap { trial -> (truth: Int, answer: MaskTrial.Answer?)? in
      classes.firstIndex(of: trial.truth).map { ($0, trial.answer) }
    }
    guard let all = Classification(outcomes.map { ($0.truth, $0.answer?.probabilities.likeliest) }, classes: classes)
    else { return nil }
    self.all = all
    let answers = outcomes.compactMap { outcome in
      outcome.answer.map { (truth: outcome.truth, answer: $0) }
    }
    found = Classification(answers.map { ($0.truth, $0.answer.probabilities.likeliest) }, classes: classes)
    unsure = answers.isEmpty ? nil : Proportion(answers.count(where: \.answer.isUnsure), of: answers.count)
    let covering = found.map { $0.count(of: "covering") } ?? 0
    coveringCalledMask =
      covering == 0 ? nil : Proportion(found?.count(of: "covering", as: "mask") ?? 0, of: covering)
    let pair = trials.filter { ["mask", "none"].contains($0.truth) && $0.answer != nil }
    let right = pair.count { trial in
      guard let answer = trial.answer else { return false }
      return answer.probability(of: trial.truth) > answer.probability(of: trial.truth == "mask" ? "none" : "mask")
    }
    maskAgainstNoneAlone = pair.isEmpty ? nil : Proportion(right, of: pair.count)
    calibration = Calibration(answers.map { ($0.answer.probabilities, $0.truth) })
    var rankings: [String: RankingCurve] = [:]
    for (index, label) in classes.enumerated() {
      rankings[label] = RankingCurve(answers.map { ($0.answer.probabilities[index], $0.truth == index) })
    }
    self.rankings = rankings
  }

  /// The figures as JSON: first the keys of the contract, then further ones. Intervals are 95 %. A figure that these
  /// faces do not give is `null`.
  public var json: JSONValue {
    .object(
      [.init("faces", .int(all.total)), .init("missed", .int(all.missed))] + all.members(rankings: rankings) + [
        .init("confusion", all.confusionJSON),
        .init("found", found.map { .object($0.members()) } ?? .null),
        .init("mask_against_none_alone", .share(maskAgainstNoneAlone)),
        .init("covering_called_mask", .share(coveringCalledMask)),
        .init("unsure", .share(unsure)),
        .init("expected_calibration_error", .optional(calibration?.expectedError)),
        .init("brier", .optional(calibration?.brier)),
      ])
  }
}

extension Classification {
  /// Of the faces with a mask and the bare ones, the share that was given exactly its own class. Every other answer is
  /// wrong.
  public var maskAgainstNone: Proportion? { accuracy(within: ["mask", "none"]) }

  /// The mean of the recalls of mask, incorrect and none; nil unless each class has a face.
  public var balancedOfThree: Mean? { balancedAccuracy(of: ["mask", "incorrect", "none"]) }

  fileprivate func members(rankings: [String: RankingCurve]? = nil) -> [JSONValue.Member] {
    let perClass = classes.map { label in
      let (precision, recall, ranking) = (precision(of: label), recall(of: label), rankings?[label])
      var members: [JSONValue.Member] = [
        .init("precision", .optional(precision?.value)), .init("recall", .optional(recall?.value)),
        .init("faces", .int(count(of: label))), .init("precision_interval", .interval(precision)),
        .init("recall_interval", .interval(recall)),
      ]
      if rankings != nil {
        members += [
          .init("roc_auc", .optional(ranking?.area)), .init("average_precision", .optional(ranking?.averagePrecision)),
        ]
      }
      return JSONValue.Member(label, .object(members))
    }
    return [
      .init("accuracy", .double(accuracy.value)), .init("balanced_accuracy", .double(balancedAccuracy.value)),
      .init("per_class", .object(perClass)), .init("accuracy_interval", .interval(accuracy)),
      .init("balanced_accuracy_interval", .interval(balancedAccuracy.interval)),
      .init("mask_against_none", .share(maskAgainstNone)),
      .init(
        "balanced_of_mask_incorrect_none",
        balancedOfThree.map { ["value": .double($0.value), "interval": .interval($0.interval)] } ?? .null),
    ]
  }
}

/// Figures of mask classification, over a whole set and by group.
///
/// ```swift
/// let answer = MaskTrial.Answer(probabilities: [0.94, 0.03, 0.02, 0.01], isUnsure: false)
/// let evaluation = try MaskEvaluation([
///   MaskTrial(truth: "mask", answer: answer, group: "entrance"), MaskTrial(truth: "none", answer: nil, group: "yard"),
/// ])
/// print(evaluation.figures.all.accuracy.value)
/// ```
public struct MaskEvaluation: Sendable, Equatable {
  /// The faces of one group, such as one source of photos.
  public struct Group: Sendable, Equatable {
    /// The name of the group in the label file.
    public let name: String
    /// The figures of the group.
    public let figures: MaskFigures
  }

  /// A figure's mean and worst value over the groups that have it.
  public struct Spread: Sendable, Equatable {
    /// The mean over the groups. Every group has the same weight.
    public let mean: Double
    /// The value of the worst group.
    public let worst: Double
    /// The name of the worst group.
    public let group: String
  }

  /// The classes, in the order of probabilities and tables.
  public static let classes = ["mask", "incorrect", "covering", "none"]

  /// The figures over all faces.
  public let figures: MaskFigures
  /// The figures by group, in the order of the group names.
  public let groups: [Group]

  /// Computes the figures.
  ///
  /// - Throws: `EvaluationError` if there is no face, if a class is unknown, or if probabilities are not four numbers
  ///   from 0 to 1.
  public init(_ trials: [MaskTrial]) throws(EvaluationError) {
    if let odd = trials.first(where: { !Self.classes.contains($0.truth) }) {
      throw EvaluationError("“\(odd.truth)” is none of the classes \(Self.classes.joined(separator: ", "))")
    }
    guard trials.allSatisfy({ $0.answer.map { Self.areProper($0.probabilities) } ?? true }) else {
      throw EvaluationError("a face's probabilities are not \(Self.classes.count) numbers from 0 to 1")
    }
    guard let figures = MaskFigures(trials) else {
      throw EvaluationError("no face is labelled: there is nothing to tell")
    }
    self.figures = figures
    let named = Dictionary(grouping: trials) { $0.group }
    groups = named.compactMap { name, trials in
      guard let name, let figures = MaskFigures(trials) else { return nil }
      return Group(name: name, figures: figures)
    }.sorted { $0.name < $1.name }
  }

  private static func areProper(_ probabilities: [Double]) -> Bool {
    probabilities.count == classes.count && probabilities.allSatisfy { (0...1).contains($0) }
  }

  /// The mean and the worst value of a figure over the groups that have it.
  ///
  /// - Parameters:
  ///   - lowIsBad: Whether the lowest value is the worst; otherwise the highest is.
  ///   - figure: Returns the figure of a group, or nil if the group does not have it.
  /// - Returns: Nil if no group has the figure.
  public func spread(lowIsBad: Bool = true, _ figure: (MaskFigures) -> Double?) -> Spread? {
    let values = groups.compactMap { group in figure(group.figures).map { (name: group.name, value: $0) } }
    guard let worst = values.min(by: { lowIsBad ? $0.value < $1.value : $0.value > $1.value }) else { return nil }
    return Spread(
      mean: values.reduce(0) { $0 + $1.value } / Double(values.count), worst: worst.value, group: worst.name)
  }

  /// The spread over groups of each figure that is reported with one, by its key.
  public var spreads: [(key: String, spread: Spread)] {
    [
      ("accuracy", spread { $0.all.accuracy.value }),
      ("balanced_accuracy", spread { $0.all.balancedAccuracy.value }),
      ("mask_against_none", spread { $0.all.maskAgainstNone?.value }),
      ("balanced_of_mask_incorrect_none", spread { $0.all.balancedOfThree?.value }),
      ("covering_called_mask", spread(lowIsBad: false) { $0.coveringCalledMask?.value }),
      ("unsure", spread(lowIsBad: false) { $0.unsure?.value }),
      ("expected_calibration_error", spread(lowIsBad: false) { $0.calibration?.expectedError }),
    ].compactMap { key, spread in spread.map { (key, $0) } }
  }

  /// The figures over all faces as JSON. If there are groups, `by_COLUMN` has the same figures for each group, and
  /// `worst_COLUMN` the mean and the worst value of each figure.
  ///
  /// - Parameter column: What the groups are called in the label file.
  public func json(groupedBy column: String = "source") -> JSONValue {
    guard case .object(let members) = figures.json, !groups.isEmpty else { return figures.json }
    return .object(
      members + [
        .init("by_\(column)", .object(groups.map { .init($0.name, $0.figures.json) })),
        .init(
          "worst_\(column)",
          .object(
            spreads.map { key, spread in
              .init(
                key, ["mean": .double(spread.mean), "worst": .double(spread.worst), "where": .string(spread.group)])
            })),
      ])
  }
}

extension JSONValue {
  static func interval(_ range: ClosedRange<Double>) -> JSONValue {
    [.double(range.lowerBound), .double(range.upperBound)]
  }

  static func interval(_ share: Proportion?) -> JSONValue { share.map { .interval($0.interval) } ?? .null }

  /// A share with its counts and its interval; `null` if there is none.
  static func share(_ share: Proportion?) -> JSONValue {
    guard let share else { return .null }
    return [
      "value": .double(share.value), "count": .int(share.count), "of": .int(share.total), "interval": .interval(share),
    ]
  }
}
