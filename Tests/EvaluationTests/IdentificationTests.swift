import Evaluation
import Formats
import TestResources
import Testing

@Suite("Identification")
struct IdentificationTests {
  @Test("rank-1 counts the right person at any distance, and failures as misses")
  func rank1() throws {
    let figures = try IdentificationEvaluation([
      .mated(distance: 0.2, correct: true), .mated(distance: 9, correct: true), .mated(distance: 0.1, correct: false),
      .mated(distance: nil, correct: false), .distractor(distance: 0.3), .distractor(distance: nil),
    ])
    #expect(figures.probes == 6)
    #expect(figures.distractors == 2)
    #expect(figures.failures == 2)
    #expect(figures.rank1.value == 0.5)
  }

  @Test(
    "a person who is not named and one who is named wrongly are both missed; a named distractor is a false positive"
  )
  func deployed() throws {
    let figures = try IdentificationEvaluation([
      .mated(distance: 1, correct: true, named: true), .mated(distance: 1, correct: true, named: false),
      .mated(distance: 1, correct: false, named: true), .mated(distance: nil, correct: true, named: true),
      .distractor(distance: 2, named: true), .distractor(distance: 2), .distractor(distance: nil, named: true),
    ])
    #expect(figures.deployedMisses.value == 0.75)
    #expect(figures.deployedFalsePositives?.count == 1)
    #expect(figures.deployedFalsePositives?.total == 3)
    #expect(try IdentificationEvaluation([.mated(distance: 1, correct: true)]).deployedFalsePositives == nil)
  }

  @Test("a failed search is not correct, whatever is said")
  func failedButCorrect() throws {
    #expect(try IdentificationEvaluation([.mated(distance: nil, correct: true)]).rank1.count == 0)
  }

  @Test("the threshold lets at most one distractor in a hundred through")
  func fnir() throws {
    let distractors = (0..<200).map { IdentificationTrial.distractor(distance: 10 + Double($0)) }
    let figures = try IdentificationEvaluation(
      distractors + [
        .mated(distance: 1, correct: true), .mated(distance: 11.5, correct: true),
        .mated(distance: 12, correct: true), .mated(distance: 1, correct: false),
      ])
    // 10 and 11 may pass, 12 may not. A wrong person is a miss however near.
    let point = try #require(figures.point)
    #expect(point.threshold == 12)
    #expect(point.falsePositives.value == 0.01)
    #expect(point.misses.value == 0.5)
  }

  @Test("distractors without a face are searches too")
  func failedDistractors() throws {
    let distractors =
      (0..<50).map { IdentificationTrial.distractor(distance: Double($0 + 1)) }
      + Array(repeating: .distractor(distance: nil), count: 50)
    let figures = try IdentificationEvaluation(distractors + [.mated(distance: 1.5, correct: true)])
    // One of a hundred may pass.
    #expect(figures.point?.threshold == 2)
    #expect(figures.point?.misses.count == 0)
  }

  @Test("when no distractor has a face, nobody who is enrolled needs to be rejected")
  func noDistractorFaces() throws {
    let figures = try IdentificationEvaluation([.distractor(distance: nil), .mated(distance: 99, correct: true)])
    #expect(figures.point?.threshold == .infinity)
    #expect(figures.point?.misses.value == 0)
    #expect(figures.point?.falsePositives.value == 0)
  }

  @Test("when every acquisition fails, everybody is missed")
  func allFailures() throws {
    let figures = try IdentificationEvaluation([.mated(distance: nil, correct: false), .distractor(distance: nil)])
    #expect(figures.rank1.value == 0)
    #expect(figures.point?.misses.value == 1)
    #expect(figures.failures == 2)
  }

  @Test("without distractors there is no FNIR")
  func noDistractors() throws {
    let figures = try IdentificationEvaluation([.mated(distance: 1, correct: true)])
    #expect(figures.point == nil)
    #expect(
      figures.json.text(decimals: 3) == """
        {"probes":1,"failures":0,"rank1":1.0,"fnir":{"0.01":null},"distractors":0,"rank1_interval":[0.207,1.0],\
        "fnir_interval":{"0.01":null},"fpir":{"0.01":null},\
        "deployed":{"fnir":1.0,"fnir_interval":[0.207,1.0],"fpir":null,"fpir_interval":null}}
        """)
  }

  @Test("the JSON has the agreed keys first")
  func json() throws {
    let figures = try IdentificationEvaluation([
      .mated(distance: 1, correct: true), .mated(distance: 4, correct: true), .distractor(distance: 3),
    ])
    #expect(
      figures.json.text(decimals: 3) == """
        {"probes":3,"failures":0,"rank1":1.0,"fnir":{"0.01":0.5},"distractors":1,"rank1_interval":[0.342,1.0],\
        "fnir_interval":{"0.01":[0.095,0.905]},"fpir":{"0.01":0.0},\
        "deployed":{"fnir":1.0,"fnir_interval":[0.342,1.0],"fpir":0.0,"fpir_interval":[0.0,0.793]}}
        """)
  }

  @Test("no figures without an enrolled person, or from NaN")
  func errors() {
    for trials in [[], [IdentificationTrial.distractor(distance: 1)]] {
      let error = #expect(throws: EvaluationError.self) { try IdentificationEvaluation(trials) }
      #expect(
        error?.description
          == "no probe shows an enrolled person: the probes' folders must have the same names as the enrolled ones")
    }
    let error = #expect(throws: EvaluationError.self) {
      try IdentificationEvaluation([.mated(distance: .nan, correct: true)])
    }
    #expect(error?.description == "a probe's distance is not a number")
  }

  @Test("random searches: no threshold within the FPIR misses fewer", arguments: 1...20)
  func againstEveryThreshold(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let trials = (0..<600).map { _ in
      let distance: Double? =
        Int.random(in: 0..<20, using: &random) == 0
        ? nil : Double(Int.random(in: 0...200, using: &random))
      return Bool.random(using: &random)
        ? IdentificationTrial.mated(distance: distance.map { $0 / 2 }, correct: Bool.random(using: &random))
        : .distractor(distance: distance)
    }
    let point = try #require(try IdentificationEvaluation(trials).point)
    let (mated, distractors) = (trials.filter(\.mated), trials.filter { !$0.mated })
    for threshold in stride(from: 0.0, through: 201, by: 0.5) {
      let positives = distractors.count { ($0.distance ?? .infinity) < threshold }
      let misses = mated.count { !($0.correct && ($0.distance ?? .infinity) < threshold) }
      if Double(positives) <= 0.01 * Double(distractors.count) { #expect(misses >= point.misses.count) }
      if threshold == point.threshold {
        #expect(misses == point.misses.count && positives == point.falsePositives.count)
      }
    }
  }
}
