public import Formats

/// The faces in a picture, and what a detector found.
public struct DetectionTrial: Sendable, Equatable {
  /// A face that somebody marked.
  public struct Face: Sendable, Equatable {
    /// Where it is; nil where somebody only noted that the picture shows it: any detection will do.
    public let box: EvaluationBox?
    /// What kind it is, as in "mask".
    public let label: String

    /// A marked face.
    public init(box: EvaluationBox?, label: String) {
      self.box = box
      self.label = label
    }
  }

  /// A box that the detector gave.
  public struct Found: Sendable, Equatable {
    /// Where it is.
    public let box: EvaluationBox
    /// How sure the detector is: higher is surer.
    public let score: Double

    /// A detection.
    public init(box: EvaluationBox, score: Double) {
      self.box = box
      self.score = score
    }
  }

  /// The marked faces.
  public let faces: [Face]
  /// The detections in any order, best also those below the threshold in use, so that there is a curve.
  public let found: [Found]

  /// A picture's faces and detections.
  public init(faces: [Face], found: [Found]) {
    self.faces = faces
    self.found = found
  }
}

/// Figures of face detection.
///
/// A detection counts for a face if their boxes overlap enough, or if nobody said where the face is. The surest detection chooses first,
/// the face it overlaps most; each face can be found once, and any further detection of it is a false positive.
public struct Detection: Sendable, Equatable {
  /// The figures when detections below a score are left out.
  public struct Point: Sendable, Equatable {
    /// The lowest score that is kept.
    public let score: Double
    /// The share of all faces that are found.
    public let recall: Double
    /// The share of the faces of the minimum size that are found; nil if there is none.
    public let recallOfLarge: Double?
    /// Detections without a face, over the number of pictures.
    public let falsePositivesPerImage: Double
    /// The share of detections that have a face.
    public let precision: Double
  }

  /// How many pictures there were.
  public let images: Int
  /// Recall at the score in use.
  public let recall: Proportion
  /// The same by label.
  public let recallByLabel: [String: Proportion]
  /// The same for faces of the minimum size; nil if there is none.
  public let recallOfLarge: Proportion?
  /// Detections without a face at the score in use, over the number of pictures.
  public let falsePositivesPerImage: Double
  /// The area under the precision-recall curve over all detections, labels set aside, with precision made non-increasing and every
  /// step counted ("all points").
  public let averagePrecision: Double
  /// The figures at every score that occurs, from the highest to the lowest.
  public let curve: [Point]
  /// The size that faces must have to count as large, in pixels.
  public let minimumSize: Double

  /// Computes the figures.
  ///
  /// - Parameters:
  ///   - trials: one for each picture, those without a face included.
  ///   - overlap: the intersection over union from which on a face counts as found.
  ///   - score: the lowest score that is in use; nil uses all detections. Recall and false positives are reported at it.
  ///   - minimumSize: the shorter side, in pixels, from which on a marked face is large.
  /// - Throws: `EvaluationError` when there is no face, or a box or score that is none.
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
    let isLarge = { (face: DetectionTrial.Face) in face.box.map { $0.size >= minimumSize } ?? false }
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

  /// The best recall of large faces, and of all where that is equal, with at most so many false positives per picture; nil if every score
  /// gives more.
  public func best(falsePositivesPerImage limit: Double) -> Point? {
    curve.filter { $0.falsePositivesPerImage <= limit }
      .max { ($0.recallOfLarge ?? 0, $0.recall) < ($1.recallOfLarge ?? 0, $1.recall) }
  }

  /// The keys `recall` by label, `false_positives_per_image` and `ap`, then more; the interval is 95 %.
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

  /// A detection with the face it counts for, if any.
  private struct Hit {
    let score: Double
    let face: DetectionTrial.Face?
  }

  private static func hits(_ trial: DetectionTrial, overlap: Double) -> [Hit] {
    var open = trial.faces
    return trial.found.sorted { $0.score > $1.score }.map { found in
      // A face that may be anywhere takes what no marked one claims.
      let shares = open.map { $0.box.map { $0.overlap(with: found.box) } ?? overlap }
      let best = shares.indices.max {
        (shares[$0], open[$0].box == nil ? 0 : 1) < (shares[$1], open[$1].box == nil ? 0 : 1)
      }
      guard let best, shares[best] >= overlap else { return Hit(score: found.score, face: nil) }
      return Hit(score: found.score, face: open.remove(at: best))
    }
  }

  /// - Parameter hits: by descending score.
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
