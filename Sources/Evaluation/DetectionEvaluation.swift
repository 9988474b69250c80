public import Formats
public import Values

/// One picture of a detection test: its marked faces and the boxes that the detector found.
public struct DetectionTrial: Sendable, Equatable {
  /// A face that a person marked in the picture.
  public struct Face: Sendable, Equatable {
    /// The box around the face. Nil means that the picture shows the face somewhere; any detection then counts for it.
    public let box: Rect?
    /// The kind of face, as in "mask".
    public let label: String

    /// A marked face.
    public init(box: Rect?, label: String) {
      self.box = box
      self.label = label
    }
  }

  /// A box that the detector reported.
  public struct Found: Sendable, Equatable {
    /// The box in the picture.
    public let box: Rect
    /// The score of the detection. A higher score is surer.
    public let score: Double

    /// A detection.
    public init(box: Rect, score: Double) {
      self.box = box
      self.score = score
    }
  }

  /// The marked faces.
  public let faces: [Face]
  /// The detections, in any order. Include those below the threshold in use, so that the curve is complete.
  public let found: [Found]

  /// A picture's faces and detections.
  public init(faces: [Face], found: [Found]) {
    self.faces = faces
    self.found = found
  }
}

/// Figures of face detection over a set of pictures.
///
/// ```swift
/// let face = DetectionTrial.Face(box: Rect(x: 100, y: 80, width: 60, height: 60), label: "mask")
/// let found = DetectionTrial.Found(box: Rect(x: 104, y: 82, width: 58, height: 61), score: 0.93)
/// let figures = try DetectionEvaluation([DetectionTrial(faces: [face], found: [found])], score: 0.5)
/// print(figures.recall.value, figures.falsePositivesPerImage)
/// ```
///
/// A detection counts for a face if the two boxes overlap enough, or if the face has no box. Detections are matched
/// from the highest score to the lowest, each to the free face that it overlaps most. Each face is found at most once.
/// A detection without a face is a false positive, and so is a second detection of the same face.
public struct DetectionEvaluation: Sendable, Equatable {
  /// The figures at one score: detections below it are left out.
  public struct Point: Sendable, Equatable {
    /// The lowest score that is kept.
    public let score: Double
    /// The share of all faces that are found.
    public let recall: Double
    /// The share of the faces of the minimum size that are found; nil if there is no such face.
    public let recallOfLarge: Double?
    /// The number of detections without a face, divided by the number of pictures.
    public let falsePositivesPerImage: Double
    /// The share of detections that have a face.
    public let precision: Double
  }

  /// The number of pictures.
  public let images: Int
  /// The recall at the score in use.
  public let recall: Proportion
  /// The recall at the score in use, by label.
  public let recallByLabel: [String: Proportion]
  /// The recall of faces of the minimum size at the score in use; nil if there is no such face.
  public let recallOfLarge: Proportion?
  /// The number of detections without a face at the score in use, divided by the number of pictures.
  public let falsePositivesPerImage: Double
  /// The area under the precision-recall curve over all detections, whatever the labels.
  ///
  /// Precision is made non-increasing, and every step counts ("all points").
  public let averagePrecision: Double
  /// The figures at every score that occurs, from the highest to the lowest.
  public let curve: [Point]
  /// The shorter side, in pixels, from which on a face counts as large.
  public let minimumSize: Double

  /// Computes the figures.
  ///
  /// - Parameters:
  ///   - trials: One for each picture, pictures without a face included.
  ///   - overlap: The lowest intersection over union, 0 to 1, at which a detection counts for a face.
  ///   - score: The score in use, at which recall and false positives are reported. Nil uses all detections.
  ///   - minimumSize: The shorter side, in pixels, from which on a marked face is large.
  /// - Throws: `EvaluationError` if there is no face, if a box has no size, or if a box or a score is not a number.
  public init(
    _ trials: [DetectionTrial], overlap: Double = 0.4, score: Double? = nil, minimumSize: Double = 0
  ) throws(EvaluationError) {
    let faces = trials.flatMap(\.faces)
    guard !faces.isEmpty else { throw EvaluationError("no picture has a marked face: there is nothing to find") }
    guard faces.compactMap(\.box).allSatisfy(\.isProper) else {
      throw EvaluationError("a marked face's box has no width or no height, or is no number")
    }
    let found = trials.flatMap(\.found)
    guard found.allSatisfy({ $0.box.isProper && !$0.score.isNaN }) else {
      throw EvaluationError("a detection's box has no width or no height, or its score is no number")
    }
    let isLarge = { (face: DetectionTrial.Face) in face.box.map { $0.shorterSide >= minimumSize } ?? false }
    let hits = trials.flatMap { Self.hits($0, overlap: overlap) }.sorted { $0.score > $1.score }
    let used = hits.filter { $0.score >= score ?? -.infinity }

    images = trials.count
    self.minimumSize = minimumSize
    recall = Proportion(used.count { $0.face != nil }, of: faces.count)
    recallByLabel = Dictionary(grouping: faces, by: \.label).mapValues { faces in
      Proportion(used.count { $0.face?.label == faces[0].label }, of: faces.count)
    }
    let large = faces.count(where: isLarge)
    recallOfLarge = large == 0 ? nil : Proportion(used.count { $0.face.map(isLarge) == true }, of: large)
    falsePositivesPerImage = Double(used.count { $0.face == nil }) / Double(trials.count)
    curve = Self.curve(hits, images: trials.count, faces: faces.count, large: large, isLarge: isLarge)
    averagePrecision = Self.averagePrecision(curve)
  }

  /// The point with the best recall of large faces within a limit of false positives per picture. Equal points are
  /// compared by the recall of all faces.
  ///
  /// - Returns: Nil if every score exceeds the limit.
  public func best(falsePositivesPerImage limit: Double) -> Point? {
    curve.filter { $0.falsePositivesPerImage <= limit }
      .max { ($0.recallOfLarge ?? 0, $0.recall) < ($1.recallOfLarge ?? 0, $1.recall) }
  }

  /// The figures as JSON: first the keys `recall` by label, `false_positives_per_image` and `ap`, then further ones.
  /// The interval is 95 %.
  public var json: JSONValue {
    let labels = recallByLabel.sorted { $0.key < $1.key }
    return [
      "recall": .object(labels.map { .init($0.key, .double($0.value.value)) }),
      "false_positives_per_image": .double(falsePositivesPerImage), "ap": .double(averagePrecision),
      "images": .int(images), "faces": .int(recall.total), "recall_all": .double(recall.value),
      "recall_all_interval": .interval(recall),
      "recall_large": [
        "minimum_size": .double(minimumSize), "faces": .int(recallOfLarge?.total ?? 0),
        "recall": .optional(recallOfLarge?.value),
      ],
    ]
  }

  /// The curve as an array of objects, from the highest score to the lowest.
  public var curveJSON: JSONValue {
    .array(
      curve.map { point in
        [
          "score": .double(point.score), "recall": .double(point.recall),
          "recall_large": .optional(point.recallOfLarge),
          "false_positives_per_image": .double(point.falsePositivesPerImage), "precision": .double(point.precision),
        ]
      })
  }

  // MARK: Parts

  /// A detection with the face that it counts for, if any.
  private struct Hit {
    let score: Double
    let face: DetectionTrial.Face?
  }

  private static func hits(_ trial: DetectionTrial, overlap: Double) -> [Hit] {
    var open = trial.faces
    return trial.found.sorted { $0.score > $1.score }.map { found in
      // A face without a box takes only a detection that no face with a box claims.
      let shares = open.map { $0.box.map { $0.overlap(found.box) } ?? overlap }
      let best = shares.indices.max {
        (shares[$0], open[$0].box == nil ? 0 : 1) < (shares[$1], open[$1].box == nil ? 0 : 1)
      }
      guard let best, shares[best] >= overlap else { return Hit(score: found.score, face: nil) }
      return Hit(score: found.score, face: open.remove(at: best))
    }
  }

  /// - Parameter hits: By descending score.
  private static func curve(
    _ hits: [Hit], images: Int, faces: Int, large: Int, isLarge: (DetectionTrial.Face) -> Bool
  ) -> [Point] {
    var points: [Point] = []
    var (right, rightLarge, wrong) = (0, 0, 0)
    for (index, hit) in hits.enumerated() {
      if let face = hit.face {
        right += 1
        if isLarge(face) { rightLarge += 1 }
      } else {
        wrong += 1
      }
      // Detections of one score are kept or left out together.
      if index + 1 < hits.count && hits[index + 1].score == hit.score { continue }
      points.append(
        Point(
          score: hit.score, recall: Double(right) / Double(faces),
          recallOfLarge: large == 0 ? nil : Double(rightLarge) / Double(large),
          falsePositivesPerImage: Double(wrong) / Double(images), precision: Double(right) / Double(right + wrong)))
    }
    return points
  }

  private static func averagePrecision(_ curve: [Point]) -> Double {
    var area = 0.0
    var precision = 0.0
    for (index, point) in curve.enumerated().reversed() {
      precision = max(precision, point.precision)
      area += precision * (point.recall - (index > 0 ? curve[index - 1].recall : 0))
    }
    return area
  }
}
