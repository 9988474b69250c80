import Evaluation
import Formats
import TestResources
import Testing

@Suite("Verification")
struct VerificationTests {
  private func trials(same: [Double?], different: [Double?], fold: Int? = nil) -> [VerificationTrial] {
    same.map { VerificationTrial(distance: $0, same: true, fold: fold) }
      + different.map { VerificationTrial(distance: $0, same: false, fold: fold) }
  }

  /// Overlapping distances, some of them tied, some missing.
  private func random(_ count: Int, seed: UInt64) -> [VerificationTrial] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let same = Bool.random(using: &random)
      let distance = Double(Int.random(in: same ? 0...60 : 40...100, using: &random)) / 64
      return VerificationTrial(distance: Int.random(in: 0..<20, using: &random) == 0 ? nil : distance, same: same)
    }
  }

  @Test("distances that part the kinds give perfect figures")
  func perfect() throws {
    let figures = try VerificationEvaluation(
      trials(same: (0..<20).map { 0.1 + Double($0) / 100 }, different: (0..<20).map { 0.6 + Double($0) / 100 }))
    #expect(figures.accuracy == 1)
    #expect(figures.accuracyStandardError == 0)
    #expect(figures.equalErrorRate == 0)
    #expect(figures.points.map(\.trueAccepts.value) == [1, 1])
    #expect(figures.points.map(\.falseAccepts.value) == [0, 0])
    #expect(figures.folds == 10)
  }

  @Test("one false non-match and one false match among four of each kind")
  func byHand() throws {
    // Below 5 lie 1, 2, 3 and 4: a quarter of the impostors is accepted, a quarter of the others rejected.
    let figures = try VerificationEvaluation(trials(same: [1, 2, 3, 6], different: [4, 5, 7, 8]))
    #expect(figures.equalErrorRate == 0.25)
    #expect(figures.points.map(\.target) == [0.01, 0.001])
    #expect(figures.points.map(\.threshold) == [4, 4])
    #expect(figures.points.map(\.trueAccepts.value) == [0.75, 0.75])
  }

  @Test("the equal error rate is interpolated where no threshold hits it")
  func interpolation() throws {
    // From (0, 1/3) below 4 to (1/2, 0) above 6 in steps: below 6 it is (1/2, 1/3). They meet 2/3 of the way, at 1/3.
    let figures = try VerificationEvaluation(trials(same: [1, 2, 6], different: [4, 8]))
    #expect(abs(figures.equalErrorRate - 1.0 / 3) < 1e-12)
    // All the same distance: nothing is known, half of everything is wrong.
    #expect(try VerificationEvaluation(trials(same: [1, 1], different: [1, 1, 1])).equalErrorRate == 0.5)
    // The wrong way round.
    #expect(try VerificationEvaluation(trials(same: [3, 4], different: [1, 2])).equalErrorRate == 1)
  }

  @Test("the threshold is the largest whose false accept rate is not above the target")
  func thresholds() throws {
    let different = (1...1000).map { Double?(Double($0)) }
    let figures = try VerificationEvaluation(trials(same: [0, 1.5, 10.5, 11, 5000], different: different))
    // 10 of 1000 may be accepted at 1e-2, 1 at 1e-3.
    #expect(figures.points.map(\.threshold) == [11, 2])
    #expect(figures.points.map(\.falseAccepts.count) == [10, 1])
    #expect(figures.points.map(\.trueAccepts.count) == [3, 2])
  }

  @Test("impostors with the same distance are accepted together or not at all")
  func ties() throws {
    let different: [Double?] = Array(repeating: 5, count: 3) + Array(repeating: 9, count: 97)
    let figures = try VerificationEvaluation(trials(same: [1, 4, 5, 8], different: different))
    #expect(figures.points[0].threshold == 5)
    #expect(figures.points[0].falseAccepts.count == 0)
    #expect(figures.points[0].trueAccepts.count == 2)
  }

  @Test("a failure to acquire is a false non-match or a true non-match, never dropped")
  func failures() throws {
    let figures = try VerificationEvaluation(trials(same: [1, 2, 3, nil], different: [4, 5, nil, nil]))
    #expect(figures.pairs == 8)
    #expect(figures.failures == 3)
    #expect(figures.points[0].threshold == 4)
    #expect(figures.points[0].trueAccepts.value == 0.75)
    #expect(figures.equalErrorRate == 0.25)
    // Two failed impostors of 100 are two more trials, not two fewer: one may be accepted.
    let many = trials(same: [1, 2], different: Array(3...100).map { Double($0) } + [nil, nil])
    #expect(try VerificationEvaluation(many).points[0].threshold == 4)
  }

  @Test("when every acquisition fails, everybody is rejected")
  func allFailures() throws {
    let none = [Double?](repeating: nil, count: 10)
    let figures = try VerificationEvaluation(trials(same: none, different: none))
    #expect(figures.failures == 20)
    #expect(figures.accuracy == 0.5)
    #expect(figures.equalErrorRate == 1)
    #expect(figures.points.map(\.trueAccepts.value) == [0, 0])
    #expect(figures.points.map(\.falseAccepts.value) == [0, 0])
  }

  @Test("failures that keep the error rates apart give the rate that both stay within")
  func noCrossing() throws {
    let figures = try VerificationEvaluation(trials(same: [1, nil, nil, nil], different: [2, nil, nil, nil]))
    #expect(figures.equalErrorRate == 0.75)
  }

  @Test("each fold is judged with the threshold of the others")
  func folds() throws {
    // Fold 2 alone is decided best below 3, fold 1 alone below 4.
    let figures = try VerificationEvaluation(
      trials(same: [1, 3], different: [5, 9], fold: 1) + trials(same: [2, 6], different: [4, 8], fold: 2))
    #expect(figures.folds == 2)
    #expect(figures.accuracy == 0.75)
    #expect(figures.accuracyStandardError == 0)
    #expect(figures.decisions.count == 6)
  }

  @Test("the accuracy is the mean of the folds, with its standard error")
  func unevenFolds() throws {
    // Below 4 (from fold 2) half of fold 1 is right, below 2 (from fold 1) half of fold 2.
    let figures = try VerificationEvaluation(
      trials(same: [1], different: [3], fold: 1) + trials(same: [3, 3], different: [5, 5], fold: 2))
    #expect(figures.accuracy == 0.5)
    let better = try VerificationEvaluation(
      trials(same: [1], different: [8], fold: 7) + trials(same: [1, 6], different: [9, 9], fold: 9))
    // Below 7.5: all of fold 7. Below 4.5: three of four of fold 9.
    #expect(better.accuracy == 0.875)
    #expect(abs(better.accuracyStandardError - 0.125) < 1e-12)
    #expect(better.decisions.value == 5.0 / 6)
  }

  @Test("trials without folds are dealt onto ten, the same way every time")
  func dealing() throws {
    let all = random(300, seed: 5)
    let figures = try VerificationEvaluation(all)
    #expect(figures.folds == 10)
    #expect(try VerificationEvaluation(all) == figures)
    #expect(try VerificationEvaluation(trials(same: [1, 2], different: [5, 6])).folds == 2)
  }

  @Test("no figures without trials of both kinds, with folds for some, in one fold, or from NaN")
  func errors() {
    func description(_ trials: [VerificationTrial]) -> String? {
      #expect(throws: EvaluationError.self) { try VerificationEvaluation(trials) }?.description
    }
    #expect(
      description([])
        == "0 pairs of the same person and 0 of different people: verification needs at least two of each kind")
    #expect(
      description(trials(same: [1, 2, 3], different: [1]))?.hasPrefix("3 pairs of the same person and 1 of") == true)
    #expect(
      description(trials(same: [1, 2], different: [3, 4], fold: 1) + trials(same: [2], different: []))
        == "1 of 5 pairs have no fold: give every pair one, or none")
    #expect(
      description(trials(same: [1, 2], different: [3, 4], fold: 1))
        == "all pairs are in one fold: leaving one out needs at least two, or leave out the column")
    #expect(description(trials(same: [1, .nan], different: [3, 4])) == "a pair's distance is not a number")
  }

  @Test("random distances: no threshold does better than the ones found", arguments: 1...20)
  func againstEveryThreshold(seed: UInt64) throws {
    let all = random(400, seed: seed)
    let figures = try VerificationEvaluation(all)
    let different = all.filter { !$0.same }
    let same = all.filter(\.same)
    let accepted = { (kind: [VerificationTrial], threshold: Double) in
      kind.count { ($0.distance ?? .infinity) < threshold }
    }
    for point in figures.points {
      #expect(accepted(different, point.threshold) == point.falseAccepts.count)
      #expect(accepted(same, point.threshold) == point.trueAccepts.count)
      for threshold in Set(all.compactMap(\.distance)) {
        guard Double(accepted(different, threshold)) <= point.target * Double(different.count) else { continue }
        #expect(accepted(same, threshold) <= point.trueAccepts.count)
      }
    }
    // Some threshold has both rates at or above the equal error rate, some at or below.
    let rates = Set(all.compactMap(\.distance)).map { threshold in
      (
        accept: Double(accepted(different, threshold)) / Double(different.count),
        reject: 1 - Double(accepted(same, threshold)) / Double(same.count)
      )
    }
    #expect(rates.allSatisfy { max($0.accept, $0.reject) >= figures.equalErrorRate - 1e-12 })
    #expect(rates.allSatisfy { min($0.accept, $0.reject) <= figures.equalErrorRate + 1e-12 })
  }

  @Test("neither the trials' order nor the unit of distance changes the error rates", arguments: 1...10)
  func invariance(seed: UInt64) throws {
    let all = random(300, seed: seed)
    let figures = try VerificationEvaluation(all)
    var random = SeededGenerator(seed: seed)
    let shuffled = try VerificationEvaluation(all.shuffled(using: &random))
    #expect(shuffled.equalErrorRate == figures.equalErrorRate)
    #expect(shuffled.points == figures.points)
    let doubled = try VerificationEvaluation(
      all.map { VerificationTrial(distance: $0.distance.map { $0 * 2 }, same: $0.same) })
    #expect(doubled.equalErrorRate == figures.equalErrorRate)
    #expect(doubled.accuracy == figures.accuracy)
    #expect(doubled.points.map(\.trueAccepts) == figures.points.map(\.trueAccepts))
  }

  @Test("the JSON has the agreed keys first")
  func json() throws {
    // Four folds of two: all right, all right, the 3 rejected below 3, and the failure.
    let figures = try VerificationEvaluation(trials(same: [1, 2, 3, nil], different: [4, 5, 7, 8]))
    #expect(
      figures.json.text(decimals: 4) == """
        {"pairs":8,"failures":1,"accuracy":0.75,"eer":0.25,"tar":{"0.01":0.75,"0.001":0.75},\
        "accuracy_standard_error":0.1443,"accuracy_interval":[0.4093,0.9285],"folds":4,\
        "tar_interval":{"0.01":[0.3006,0.9544],"0.001":[0.3006,0.9544]},"far":{"0.01":0.0,"0.001":0.0}}
        """)
  }
}

@Suite("Proportions")
struct ProportionTests {
  @Test("intervals by Wilson's score are the known ones")
  func intervals() throws {
    func interval(_ right: Int, _ total: Int) throws -> ClosedRange<Double> {
      let searches = (0..<total).map { IdentificationTrial.mated(distance: 1, correct: $0 < right) }
      return try IdentificationEvaluation(searches).rank1.interval
    }
    let eight = try interval(8, 10)
    #expect(abs(eight.lowerBound - 0.490162) < 1e-6 && abs(eight.upperBound - 0.943318) < 1e-6)
    let none = try interval(0, 10)
    #expect(none.lowerBound == 0 && abs(none.upperBound - 0.277533) < 1e-6)
    let all = try interval(3, 3)
    #expect(abs(all.lowerBound - 0.438503) < 1e-6 && all.upperBound == 1)
  }
}
