import Evaluation
import Formats
import TestResources
import Testing
import Values

@Suite("Detection")
struct DetectionTests {
  private func box(_ x: Double, _ y: Double = 0, size: Double = 10) -> Rect {
    Rect(x: x, y: y, width: size, height: size)
  }

  private func face(_ x: Double, size: Double = 10, _ label: String = "none") -> DetectionTrial.Face {
    DetectionTrial.Face(box: box(x, size: size), label: label)
  }

  private func found(_ x: Double, size: Double = 10, _ score: Double) -> DetectionTrial.Found {
    DetectionTrial.Found(box: box(x, size: size), score: score)
  }

  @Test("overlap is the shared area over the covered one")
  func overlap() {
    #expect(box(0).overlap(box(0)) == 1)
    #expect(box(0).overlap(box(5)) == 1.0 / 3)
    #expect(box(0).overlap(box(10)) == 0)
    #expect(box(0).overlap(box(5, 5)) == 25.0 / 175)
    #expect(box(0).overlap(Rect(x: 2, y: 2, width: 5, height: 5)) == 0.25)
    #expect(box(0).overlap(box(100)) == 0)
  }

  @Test("a detector that finds everything and nothing else is perfect")
  func perfect() throws {
    let trials = (0..<5).map { _ in
      DetectionTrial(faces: [face(0, "mask"), face(100)], found: [found(100, 0.9), found(1, 0.8)])
    }
    let figures = try DetectionEvaluation(trials)
    #expect(figures.recall.value == 1)
    #expect(figures.recallByLabel.mapValues(\.value) == ["mask": 1, "none": 1])
    #expect(figures.falsePositivesPerImage == 0)
    #expect(figures.averagePrecision == 1)
  }

  @Test("recall by label, false positives per picture and average precision of a small set")
  func byHand() throws {
    let figures = try DetectionEvaluation([
      DetectionTrial(faces: [face(0, "mask"), face(100)], found: [found(0, 0.9), found(50, 0.8), found(100, 0.7)]),
      DetectionTrial(faces: [face(0, "mask"), face(100)], found: [found(100, 0.6)]),
      DetectionTrial(faces: [], found: [found(0, 0.5)]),
      DetectionTrial(faces: [], found: []),
    ])
    #expect(figures.recall.value == 0.75)
    #expect(figures.recallByLabel.mapValues(\.value) == ["mask": 0.5, "none": 1])
    #expect(figures.falsePositivesPerImage == 0.5)
    // Right, wrong, right, right, wrong: precision 1 up to a recall of 1/4, then 3/4 up to 3/4.
    #expect(figures.averagePrecision == 0.25 * 1 + 0.5 * 0.75)
    #expect(figures.curve.map(\.score) == [0.9, 0.8, 0.7, 0.6, 0.5])
    #expect(figures.curve.map(\.recall) == [0.25, 0.25, 0.5, 0.75, 0.75])
    #expect(figures.curve.map(\.falsePositivesPerImage) == [0, 0.25, 0.25, 0.25, 0.5])
    #expect(figures.curve.map(\.precision) == [1, 0.5, 2.0 / 3, 0.75, 0.6])
  }

  @Test("a face is found once, by the surest detection, and the others are false positives")
  func duplicates() throws {
    let figures = try DetectionEvaluation([
      DetectionTrial(faces: [face(0)], found: [found(2, 0.5), found(1, 0.9), found(0, 0.6)])
    ])
    #expect(figures.recall.value == 1)
    #expect(figures.falsePositivesPerImage == 2)
    #expect(figures.curve.map(\.recall) == [1, 1, 1])
  }

  @Test("a detection counts for the face it overlaps most, and leaves the other for the next")
  func nearest() throws {
    // The surer one overlaps both faces, the right one more. The other one can only be the left one's.
    let figures = try DetectionEvaluation(
      [DetectionTrial(faces: [face(0, "mask"), face(6)], found: [found(4, 0.9), found(0, 0.8)])], overlap: 0.2)
    #expect(figures.recall.value == 1)
    #expect(figures.falsePositivesPerImage == 0)
    #expect(figures.curve[0].recall == 0.5)
  }

  @Test("a box that overlaps less than wanted has not found the face")
  func overlapLimit() throws {
    let trials = [DetectionTrial(faces: [face(0)], found: [found(5, 0.9)])]
    #expect(try DetectionEvaluation(trials, overlap: 1.0 / 3).recall.value == 1)
    #expect(try DetectionEvaluation(trials, overlap: 0.34).recall.value == 0)
    #expect(try DetectionEvaluation(trials, overlap: 0.34).falsePositivesPerImage == 1)
    #expect(try DetectionEvaluation(trials, overlap: 0.34).averagePrecision == 0)
  }

  @Test("figures are those at the score in use, the curve and the precision those of all detections")
  func scoreInUse() throws {
    let trials = [
      DetectionTrial(
        faces: [face(0), face(100)], found: [found(0, 0.9), found(50, 0.5), found(100, 0.5), found(200, 0.1)])
    ]
    let figures = try DetectionEvaluation(trials, score: 0.6)
    #expect(figures.recall.value == 0.5)
    #expect(figures.falsePositivesPerImage == 0)
    // Two detections of one score come together.
    #expect(figures.curve.map(\.score) == [0.9, 0.5, 0.1])
    #expect(figures.curve.map(\.precision) == [1, 2.0 / 3, 0.5])
    #expect(figures.averagePrecision == 0.5 + 0.5 * 2 / 3)
    #expect(try DetectionEvaluation(trials, score: 0.5).recall.value == 1)
  }

  @Test("recall of large faces leaves small ones out, and detections of small ones are no false positives")
  func minimumSize() throws {
    let figures = try DetectionEvaluation(
      [
        DetectionTrial(
          faces: [face(0, size: 39), face(100, size: 40), face(200, size: 80)],
          found: [found(0, size: 39, 0.9), found(200, size: 80, 0.8), found(300, 0.7)])
      ], minimumSize: 40)
    #expect(figures.recall.count == 2)
    #expect(figures.recallOfLarge?.value == 0.5)
    #expect(figures.falsePositivesPerImage == 1)
    #expect(figures.curve.map(\.recallOfLarge) == [0, 0.5, 0.5])
    let narrow = DetectionTrial.Face(box: Rect(x: 0, y: 0, width: 39, height: 100), label: "none")
    #expect(try DetectionEvaluation([DetectionTrial(faces: [narrow], found: [])], minimumSize: 40).recallOfLarge == nil)
  }

  @Test("a face that nobody marked is found by any detection, which goes to a marked face first")
  func withoutBox() throws {
    let anywhere = DetectionTrial.Face(box: nil, label: "mask")
    let figures = try DetectionEvaluation([
      DetectionTrial(faces: [anywhere], found: [found(300, 0.9), found(0, 0.8)]),
      DetectionTrial(faces: [anywhere, face(0)], found: [found(0, 0.7)]),
    ])
    #expect(figures.recallByLabel.mapValues(\.value) == ["mask": 0.5, "none": 1])
    #expect(figures.falsePositivesPerImage == 0.5)
    #expect(figures.recallOfLarge?.total == 1)
  }

  @Test("the best point within a limit of false positives is found")
  func bestPoint() throws {
    let figures = try DetectionEvaluation([
      DetectionTrial(
        faces: [face(0), face(100), face(200)],
        found: [found(0, 0.9), found(50, 0.8), found(100, 0.7), found(150, 0.6), found(200, 0.5)]),
      DetectionTrial(faces: [], found: []),
    ])
    #expect(figures.best(falsePositivesPerImage: 0.5)?.score == 0.7)
    #expect(figures.best(falsePositivesPerImage: 0)?.score == 0.9)
    #expect(figures.best(falsePositivesPerImage: 9)?.recall == 1)
    let wrong = try DetectionEvaluation([DetectionTrial(faces: [face(0)], found: [found(50, 0.9)])])
    #expect(wrong.best(falsePositivesPerImage: 0.5) == nil)
  }

  @Test("a detector that finds nothing has no recall and no curve")
  func nothing() throws {
    let figures = try DetectionEvaluation([DetectionTrial(faces: [face(0)], found: [])])
    #expect(figures.recall.value == 0)
    #expect(figures.averagePrecision == 0)
    #expect(figures.falsePositivesPerImage == 0)
    #expect(figures.curve.isEmpty)
  }

  @Test("no figures without a face, or from boxes and scores that are none")
  func errors() {
    func description(_ trials: [DetectionTrial]) -> String? {
      #expect(throws: EvaluationError.self) { try DetectionEvaluation(trials) }?.description
    }
    #expect(description([]) == "no picture has a marked face: there is nothing to find")
    #expect(
      description([DetectionTrial(faces: [], found: [found(0, 1)])])
        == "no picture has a marked face: there is nothing to find")
    #expect(
      description([DetectionTrial(faces: [face(0, size: 0)], found: [])])
        == "a marked face's box has no width or no height, or is no number")
    #expect(
      description([DetectionTrial(faces: [face(0)], found: [found(0, .nan)])])
        == "a detection's box has no width or no height, or its score is no number")
  }

  @Test("the JSON has the agreed keys first, labels in order")
  func json() throws {
    let figures = try DetectionEvaluation(
      [DetectionTrial(faces: [face(0), face(50, size: 50, "mask")], found: [found(0, 0.9), found(200, 0.5)])],
      minimumSize: 40)
    #expect(
      figures.json.text(decimals: 3) == """
        {"recall":{"mask":0.0,"none":1.0},"false_positives_per_image":1.0,"ap":0.5,"images":1,"faces":2,\
        "recall_all":0.5,"recall_all_interval":[0.095,0.905],\
        "recall_large":{"minimum_size":40.0,"faces":1,"recall":0.0}}
        """)
    #expect(
      figures.curveJSON.text() == """
        [{"score":0.9,"recall":0.5,"recall_large":0.0,"false_positives_per_image":0.0,"precision":1.0},\
        {"score":0.5,"recall":0.5,"recall_large":0.0,"false_positives_per_image":1.0,"precision":0.5}]
        """)
  }

  @Test("random scenes: every point of the curve is what a detector with that threshold gets", arguments: 1...20)
  func curveAgainstThresholds(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let trials = (0..<20).map { _ in
      let faces = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        face(Double.random(in: 0...60, using: &random), size: Double.random(in: 8...20, using: &random))
      }
      let near = faces.filter { _ in Bool.random(using: &random) }.map { face in
        DetectionTrial.Found(
          box: box(face.box!.x + Double.random(in: -4...4, using: &random), size: face.box!.width),
          score: Double(Int.random(in: 0...20, using: &random)))
      }
      let stray = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        found(Double.random(in: 0...60, using: &random), Double(Int.random(in: 0...20, using: &random)))
      }
      return DetectionTrial(faces: faces, found: near + stray)
    }
    let all = try DetectionEvaluation(trials)
    for point in all.curve {
      let cut = try DetectionEvaluation(trials, score: point.score)
      #expect(cut.recall.value == point.recall)
      #expect(cut.falsePositivesPerImage == point.falsePositivesPerImage)
      let alone = try DetectionEvaluation(
        trials.map { trial in DetectionTrial(faces: trial.faces, found: trial.found.filter { $0.score >= point.score })
        })
      #expect(alone.recall == cut.recall)
    }
    #expect(zip(all.curve, all.curve.dropFirst()).allSatisfy { $0.recall <= $1.recall && $0.score > $1.score })
    #expect((0...1).contains(all.averagePrecision))
    #expect(all.averagePrecision <= all.recall.value + 1e-12)
  }
}
