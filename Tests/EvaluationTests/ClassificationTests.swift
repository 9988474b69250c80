import Evaluation
import Formats
import TestResources
import Testing

private func close(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-9 } ?? false }

@Suite("Ranking curves")
struct RankingCurveTests {
  @Test("five scores by hand")
  func byHand() throws {
    // From above: right, right, wrong, right, wrong. Of the 3 × 2 pairs, one is the wrong way round: 5/6.
    let curve = try #require(
      RankingCurve([(0.2, false), (0.9, true), (0.5, false), (0.8, true), (0.3, true)]))
    #expect(curve.positives == 3 && curve.negatives == 2)
    #expect(curve.points.map(\.threshold) == [0.9, 0.8, 0.5, 0.3, 0.2])
    let third = 1.0 / 3
    #expect(curve.points.map(\.recall) == [third, 2 * third, 2 * third, 1, 1])
    #expect(curve.points.map(\.falsePositiveRate) == [0, 0, 0.5, 0.5, 1])
    #expect(curve.points.map(\.precision) == [1, 1, 2 * third, 0.75, 0.6])
    #expect(close(curve.area, 5.0 / 6))
    #expect(close(curve.averagePrecision, 2.75 / 3))
  }

  @Test("equal scores count half, and are taken together")
  func ties() throws {
    let curve = try #require(RankingCurve([(0.5, true), (0.5, false), (0.5, false), (0.9, true)]))
    #expect(curve.points.count == 2)
    #expect(close(curve.area, 0.75))
    #expect(close(curve.averagePrecision, 0.75))
  }

  @Test("perfect, the wrong way round, and nothing to rank")
  func extremes() throws {
    #expect(RankingCurve([(0.9, true), (0.1, false)])?.area == 1)
    #expect(RankingCurve([(0.9, true), (0.1, false)])?.averagePrecision == 1)
    #expect(RankingCurve([(0.9, false), (0.1, true)])?.area == 0)
    #expect(RankingCurve([(0.9, false), (0.1, false)]) == nil)
    #expect(RankingCurve([(0.9, true)]) == nil)
    #expect(RankingCurve([]) == nil)
  }

  @Test("the area is how often an example of the class is ranked higher", arguments: 1...10)
  func area(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let scores = (0..<200).map { _ in
      (score: Double(Int.random(in: 0...20, using: &random)), isPositive: Bool.random(using: &random))
    }
    let (own, others) = (scores.filter(\.isPositive), scores.filter { !$0.isPositive })
    var sum = 0.0
    for a in own { for b in others { sum += a.score > b.score ? 1 : a.score == b.score ? 0.5 : 0 } }
    #expect(close(RankingCurve(scores)?.area, sum / Double(own.count * others.count)))
  }
}

@Suite("Calibration")
struct CalibrationTests {
  @Test("two bins by hand")
  func byHand() throws {
    // 0.62 and 0.64 share the bin from 9/15 to 10/15, the two of 0.9 the one from 13/15.
    let calibration = try #require(
      Calibration([([0.62, 0.38], 0), ([0.64, 0.36], 1), ([0.1, 0.9], 1), ([0.9, 0.1], 0)]))
    #expect(calibration.bins.count == 15)
    let used = calibration.bins.filter { $0.count > 0 }
    #expect(used.map(\.count) == [2, 2])
    #expect(used.map(\.right) == [1, 2])
    #expect(close(used[0].confidence, 0.63) && close(used[0].accuracy?.value, 0.5))
    #expect(close(used[1].confidence, 0.9) && close(used[1].accuracy?.value, 1))
    // Half of the answers are 0.13 too sure, the other half 0.1 not sure enough.
    #expect(close(calibration.expectedError, 0.115))
    // Squared and doubled, because what one class has too much the other lacks: 0.38, 0.64, 0.1 and 0.1.
    let squares: Double = 2 * (0.1444 + 0.4096 + 0.01 + 0.01)
    #expect(close(calibration.brier, squares / 4))
    #expect(calibration.bins[3].accuracy == nil && calibration.bins[3].confidence == nil)
  }

  @Test("a bin has its upper end, and the bins have all of 0 to 1")
  func edges() throws {
    let calibration = try #require(Calibration([([1, 0], 0), ([0.5, 0.5], 0), ([0.6, 0.4], 0)]))
    // 0.5 lies in the bin above 7/15, 0.6 = 9/15 ends the ninth, 1 ends the last.
    #expect(calibration.bins.indices.filter { calibration.bins[$0].count > 0 } == [7, 8, 14])
    #expect(calibration.bins.first?.range.lowerBound == 0)
    #expect(close(calibration.bins.last?.range.upperBound, 1))
  }

  @Test("sure and right is perfect, sure and wrong is the worst there is")
  func extremes() {
    let right = Calibration([([1, 0], 0), ([0, 1], 1)])
    #expect(right?.expectedError == 0 && right?.brier == 0)
    let wrong = Calibration([([1, 0], 1), ([0, 1], 0)])
    #expect(wrong?.expectedError == 1 && wrong?.brier == 2)
    #expect(Calibration([]) == nil)
  }
}

@Suite("Mask evaluation")
struct MaskEvaluationTests {
  private func trial(
    _ truth: String, _ mask: Double, _ incorrect: Double, _ covering: Double, _ none: Double, unsure: Bool = false,
    from group: String? = nil
  ) -> MaskTrial {
    MaskTrial(
      truth: truth, answer: .init(probabilities: [mask, incorrect, covering, none], isUnsure: unsure), group: group)
  }

  /// Ten faces: four masks (one called incorrect, one missed), two incorrect (one called mask), one covering (called
  /// mask), three bare ones (one called covering, unsure).
  private var ten: [MaskTrial] {
    [
      trial("mask", 0.9, 0.1, 0, 0, from: "a"), trial("mask", 0.8, 0, 0.2, 0, from: "a"),
      trial("mask", 0.3, 0.6, 0, 0.1, from: "b"), MaskTrial(truth: "mask", answer: nil, group: "b"),
      trial("incorrect", 0.2, 0.8, 0, 0, from: "a"), trial("incorrect", 0.7, 0.3, 0, 0, from: "b"),
      trial("covering", 0.5, 0.1, 0.4, 0, unsure: true, from: "b"),
      trial("none", 0, 0, 0, 1, from: "a"), trial("none", 0.1, 0, 0, 0.9, from: "b"),
      trial("none", 0.1, 0.1, 0.5, 0.3, unsure: true, from: "b"),
    ]
  }

  @Test("ten faces by hand: a missed one is wrong, and is left out of the figures over found ones")
  func byHand() throws {
    let figures = try MaskEvaluation(ten).figures
    let all = figures.all
    #expect(all.total == 10 && all.missed == 1)
    #expect(all.accuracy.value == 0.5)
    #expect(all.recall(of: "mask")?.value == 0.5)
    #expect(all.recall(of: "incorrect")?.value == 0.5)
    #expect(all.recall(of: "covering")?.value == 0)
    #expect(close(all.recall(of: "none")?.value, 2.0 / 3))
    #expect(close(all.balancedAccuracy.value, 5.0 / 12))
    // Four are called mask, two of them are; two incorrect, one is; one covering, none is; two bare, both are.
    #expect(all.precision(of: "mask")?.value == 0.5)
    #expect(all.precision(of: "incorrect")?.value == 0.5)
    #expect(all.precision(of: "covering")?.value == 0)
    #expect(all.precision(of: "none")?.value == 1)
    #expect(all.count(of: "mask", as: nil) == 1)
    #expect(all.count(of: "none", as: "covering") == 1)
    // Of four masks and three bare ones, two and two are called just that.
    #expect(close(all.maskAgainstNone?.value, 4.0 / 7))
    #expect(close(all.balancedOfThree?.value, 5.0 / 9))

    let found = try #require(figures.found)
    #expect(found.total == 9 && found.missed == 0)
    #expect(close(found.accuracy.value, 5.0 / 9))
    #expect(close(found.recall(of: "mask")?.value, 2.0 / 3))
    #expect(close(found.maskAgainstNone?.value, 4.0 / 6))
    // With the other classes set aside, each of the six has the right one of the two ahead.
    #expect(figures.maskAgainstNoneAlone?.value == 1)
    #expect(figures.coveringCalledMask?.value == 1)
    #expect(close(figures.unsure?.value, 2.0 / 9))
    // Bare ones have 1, 0.9 and 0.3; the others at most 0.1.
    #expect(figures.rankings["none"]?.area == 1)
    // Masks have 0.9, 0.8, 0.3; the others 0.7, 0.5, 0.2, 0.1, 0.1, 0: 16 of the 18 pairs are the right way round.
    #expect(close(figures.rankings["mask"]?.area, 16.0 / 18))
  }

  @Test("each group has its own figures, and the worst is named")
  func groups() throws {
    let evaluation = try MaskEvaluation(ten)
    #expect(evaluation.groups.map(\.name) == ["a", "b"])
    #expect(evaluation.groups.map(\.figures.all.total) == [4, 6])
    #expect(evaluation.groups[0].figures.all.accuracy.value == 1)
    let spread = try #require(evaluation.spread { $0.all.accuracy.value })
    #expect(spread.group == "b")
    #expect(close(spread.worst, 1.0 / 6) && close(spread.mean, 7.0 / 12))
    // Only one group has something else before a mouth: there is nothing to compare it with.
    let covering = try #require(evaluation.spread(lowIsBad: false) { $0.coveringCalledMask?.value })
    #expect(covering.group == "b" && covering.mean == 1)
    #expect(try MaskEvaluation(ten.map { MaskTrial(truth: $0.truth, answer: $0.answer) }).groups.isEmpty)
  }

  @Test("a class without faces has no figures, and no share in the balanced accuracy")
  func absentClass() throws {
    let figures = try MaskEvaluation([trial("mask", 1, 0, 0, 0), trial("none", 1, 0, 0, 0)]).figures
    #expect(figures.all.balancedAccuracy.value == 0.5)
    #expect(figures.all.recall(of: "incorrect") == nil)
    #expect(figures.all.precision(of: "none") == nil)
    #expect(figures.all.balancedOfThree == nil)
    #expect(figures.coveringCalledMask == nil)
    #expect(figures.rankings["incorrect"] == nil)
    #expect(figures.all.maskAgainstNone?.value == 0.5)
  }

  @Test("when every face is missed, everything is wrong and nothing is said of the probabilities")
  func allMissed() throws {
    let figures = try MaskEvaluation([MaskTrial(truth: "mask", answer: nil)]).figures
    #expect(figures.all.accuracy.value == 0)
    #expect(figures.found == nil && figures.unsure == nil && figures.calibration == nil)
    #expect(figures.json["expected_calibration_error"]?.text() == "null")
  }

  @Test("of equally likely classes the first is taken")
  func tie() throws {
    #expect(MaskTrial.Answer(probabilities: [0.25, 0.25, 0.25, 0.25], isUnsure: true).label == "mask")
    #expect(MaskTrial.Answer(probabilities: [0, 0.5, 0.5, 0], isUnsure: true).label == "incorrect")
  }

  @Test(
    "intervals: Wilson's for shares, and for the balanced accuracy one that contains it and shrinks with more faces")
  func intervals() throws {
    let few = try MaskEvaluation(ten).figures.all
    let many = try MaskEvaluation((0..<100).flatMap { _ in ten }).figures.all
    #expect(few.balancedAccuracy.interval.contains(few.balancedAccuracy.value))
    #expect(close(many.balancedAccuracy.value, few.balancedAccuracy.value))
    let width = { (range: ClosedRange<Double>) in range.upperBound - range.lowerBound }
    #expect(width(many.balancedAccuracy.interval) < width(few.balancedAccuracy.interval) / 3)
    // One class alone: the mean of one share has that share's interval.
    let one = try MaskEvaluation([trial("mask", 1, 0, 0, 0), trial("mask", 0, 1, 0, 0)]).figures.all
    #expect(close(one.balancedAccuracy.interval.lowerBound, one.accuracy.interval.lowerBound))
    #expect(close(one.balancedAccuracy.interval.upperBound, one.accuracy.interval.upperBound))
  }

  @Test("no figures without faces, from a class that there is not, or from probabilities that are none")
  func errors() {
    func description(_ trials: [MaskTrial]) -> String? {
      #expect(throws: EvaluationError.self) { try MaskEvaluation(trials) }?.description
    }
    #expect(description([]) == "no face is labelled: there is nothing to tell")
    #expect(
      description([MaskTrial(truth: "beard", answer: nil)])
        == "“beard” is none of the classes mask, incorrect, covering, none")
    #expect(
      description([trial("mask", .nan, 0, 0, 1)]) == "a face's probabilities are not 4 numbers from 0 to 1")
  }

  @Test("the JSON has the agreed keys first, and each row of the confusion sums to its faces")
  func json() throws {
    let json = try MaskEvaluation(ten).json()
    #expect(
      json.text(decimals: 4).hasPrefix(
        """
        {"faces":10,"missed":1,"accuracy":0.5,"balanced_accuracy":0.4167,"per_class":{"mask":{"precision":0.5,\
        "recall":0.5,"faces":4,
        """))
    #expect(
      json["confusion"]?.text() == """
        {"mask":{"mask":2,"incorrect":1,"covering":0,"none":0,"missed":1},\
        "incorrect":{"mask":1,"incorrect":1,"covering":0,"none":0,"missed":0},\
        "covering":{"mask":1,"incorrect":0,"covering":0,"none":0,"missed":0},\
        "none":{"mask":0,"incorrect":0,"covering":1,"none":2,"missed":0}}
        """)
    #expect(json["by_source"]?["a"]?["accuracy"] == 1.0)
    #expect(
      json["worst_source"]?["accuracy"]?.text(decimals: 4) == #"{"mean":0.5833,"worst":0.1667,"where":"b"}"#)
    #expect(json["covering_called_mask"]?["of"] == 1)
  }
}
