import Foundation
public import Values
public import Vision

/// A box in which the detector sees a face, with a score.
public struct Detection: Sendable {
  /// A square from the brows to the chin, as dlib frames faces, in the picture's pixels. It may reach past the edge of
  /// the picture.
  public var box: Rect
  /// How sure the detector is, 0…1.
  public var score: Double

  /// Creates a detection.
  public init(box: Rect, score: Double) {
    self.box = box
    self.score = score
  }

  /// The whole head, as people frame a face: the detector's box with hair and neck.
  ///
  /// The detector's box reaches from the brows to the chin. The margins are the medians by which hand-drawn boxes on
  /// street pictures exceed it.
  public var head: Rect {
    Rect(x: box.x - 0.14 * box.width, y: box.y - 0.41 * box.height, width: 1.28 * box.width, height: 1.58 * box.height)
  }
}

/// A detector of faces, including covered ones: the CenterFace network.
///
/// ```swift
/// let detector = try Detector(models: Models.find())
/// for detection in try detector.detect(in: image) { print(detection.head, detection.score) }
/// ```
public final class Detector: Sendable {
  /// Which faces are detected, and at what cost.
  public struct Options: Sendable {
    /// Detections at or below this score are dropped.
    public var threshold: Double
    /// The width of the smallest face that must be found, in the picture's pixels across the box. Small faces need a
    /// larger copy of the picture, at a cost that grows with the square of its size.
    public var minimumFace: Double
    /// The maximum number of pixels that the network processes at once, which bounds time and memory. Where this limit
    /// applies, faces have to be larger to be found.
    public var maximumPixels: Int

    /// Creates options. By default: faces from 40 pixels on, in a picture of at most two million pixels.
    public init(threshold: Double = Detector.defaultThreshold, minimumFace: Double = 40, maximumPixels: Int = 2_000_000)
    {
      self.threshold = threshold
      self.minimumFace = minimumFace
      self.maximumPixels = maximumPixels
    }
  }

  /// The score above which a face is reported.
  ///
  /// It was tuned on street and group pictures with covered faces. A lower score finds more of these faces and reports
  /// more false ones (the curve is in models/face-detector.md).
  public static let defaultThreshold = 0.3

  /// The score above which a detection is certainly a face, as in an enrolment photo.
  public static let clearFace = 0.5

  /// The parameters that belong to the network. They are written when it is converted.
  struct Parameters: Decodable {
    /// Turns CenterFace's box into dlib's square: the square's side and the offset of its centre, as shares of the
    /// square root of the box's area.
    struct Frame: Decodable {
      let side: Double
      let across: Double
      let down: Double
    }
    /// The distance from one cell of the output maps to the next, in pixels.
    let stride: Double
    /// Non-maximum suppression: a weaker box is dropped if its intersection over union is larger than this.
    let overlap: Double
    let frame: Frame
  }

  /// The widths of faces that the network finds reliably, in pixels of its input. They were measured on photos of
  /// covered and bare faces that were reduced and enlarged.
  private static let window = 32.0...320.0
  /// The network halves its picture five times.
  private static let step = 32
  /// Detections narrower than this share of the smallest wanted face are dropped, because they are not reliable.
  private static let tooSmall = 0.4
  /// Two boxes show the same face if they share more than this share of one box's area.
  private static let covered = 0.7

  private let network: Network
  private let parameters: Parameters

  /// Loads the network.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    parameters = try models.parameters(.faceDetectorParameters, as: Parameters.self)
    network = try Network(
      contentsOf: models.url(.faceDetector), typical: [1, 448, 768, 3], options: options)
  }

  /// The faces in a picture, by descending score.
  ///
  /// - Throws: `VisionError` when memory runs out.
  public func detect(in image: Image, options: Options = Options()) throws(VisionError) -> [Detection] {
    var found: [Candidate] = []
    for scale in scales(for: image, options) {
      found += try scan(image, scale: scale, threshold: options.threshold)
    }
    return kept(of: found.sorted { $0.score > $1.score }).map(framed).filter {
      $0.box.width >= Detector.tooSmall * options.minimumFace
    }
  }

  /// The scales of the copies of the picture that the network processes.
  ///
  /// In the first, the smallest wanted face is just large enough. Smaller copies follow as long as a face could be too
  /// large.
  private func scales(for image: Image, _ options: Options) -> [Double] {
    let (width, height) = (Double(image.width), Double(image.height))
    let affordable = (Double(options.maximumPixels) / (width * height)).squareRoot()
    var scale = min(Detector.window.lowerBound / max(1, options.minimumFace), affordable)
    var scales: [Double] = []
    // In a smaller copy not even half of the smallest face has room.
    while min(width, height) * scale >= Detector.window.lowerBound / 2 {
      scales.append(scale)
      guard min(width, height) * scale > Detector.window.upperBound else { break }
      scale /= 4
    }
    return scales
  }

  private struct Candidate {
    let box: Rect
    let score: Double
  }

  private func scan(_ image: Image, scale: Double, threshold: Double) throws(VisionError) -> [Candidate] {
    let width = max(1, Int((Double(image.width) * scale).rounded()))
    let height = max(1, Int((Double(image.height) * scale).rounded()))
    func padded(_ side: Int) -> Int { (side + Detector.step - 1) / Detector.step * Detector.step }
    let resized =
      width == image.width && height == image.height ? image : try image.resized(width: width, height: height)
    let canvas = try resized.cropped(x: 0, y: 0, width: padded(width), height: padded(height))
    let maps = try canvas.withPixels { (pixels) throws(VisionError) in
      try network.run(pixels, shape: [1, canvas.height, canvas.width, 3])
    }
    guard maps.shape.count == 4, maps.shape[1] >= Map.count else {
      throw VisionError(.model, while: "detect faces", "the network gave \(maps.shape)")
    }
    let (across, down) = (Double(image.width) / Double(width), Double(image.height) / Double(height))
    return candidates(in: maps, threshold: threshold).map {
      let box = $0.box
      return Candidate(
        box: Rect(x: box.x * across, y: box.y * down, width: box.width * across, height: box.height * down),
        score: $0.score)
    }
  }

  /// The maps of the network's output: numbers for each cell of a grid over the picture. The network's landmarks
  /// follow. They are not used, because dlib's are.
  private enum Map: Int {
    /// The score of a face whose centre is in this cell.
    case presence
    /// The logarithm of the face's height and width, in cells.
    case height
    case width
    /// The offset of the face's centre from the middle of the cell, in cells.
    case down
    case across

    static let count = 5
  }

  /// A box for each cell with a higher score than its neighbours, in the network's pixels.
  private func candidates(in maps: Tensor, threshold: Double) -> [Candidate] {
    let (rows, columns) = (maps.shape[2], maps.shape[3])
    return maps.values.withUnsafeBufferPointer { values in
      func value(_ map: Map, _ row: Int, _ column: Int) -> Double {
        Double(values[(map.rawValue * rows + row) * columns + column])
      }
      func isPeak(_ row: Int, _ column: Int) -> Bool {
        let score = value(.presence, row, column)
        for y in max(0, row - 1)...min(rows - 1, row + 1) {
          for x in max(0, column - 1)...min(columns - 1, column + 1) where value(.presence, y, x) > score {
            return false
          }
        }
        return true
      }
      var found: [Candidate] = []
      for row in 0..<rows {
        for column in 0..<columns {
          let score = value(.presence, row, column)
          guard score > threshold, isPeak(row, column) else { continue }
          let width = exp(value(.width, row, column)) * parameters.stride
          let height = exp(value(.height, row, column)) * parameters.stride
          let x = (Double(column) + value(.across, row, column) + 0.5) * parameters.stride
          let y = (Double(row) + value(.down, row, column) + 0.5) * parameters.stride
          found.append(
            Candidate(box: Rect(x: x - width / 2, y: y - height / 2, width: width, height: height), score: score))
        }
      }
      return found
    }
  }

  /// Non-maximum suppression: of boxes that overlap, the one with the highest score is kept.
  private func kept(of sorted: [Candidate]) -> [Candidate] {
    var kept: [Candidate] = []
    for candidate in sorted {
      let isKnown = kept.contains { other in
        let shared = other.box.intersection(candidate.box).area
        return other.box.overlap(candidate.box) > parameters.overlap || shared > Detector.covered * candidate.box.area
          || shared > Detector.covered * other.box.area
      }
      if !isKnown { kept.append(candidate) }
    }
    return kept
  }

  /// The square that dlib's own detector would draw, because dlib's landmarks were trained on such squares.
  private func framed(_ candidate: Candidate) -> Detection {
    let (box, frame) = (candidate.box, parameters.frame)
    let size = box.area.squareRoot()
    let side = frame.side * size
    return Detection(
      box: Rect(
        x: box.x + box.width / 2 + frame.across * size - side / 2,
        y: box.y + box.height / 2 + frame.down * size - side / 2,
        width: side, height: side),
      score: candidate.score)
  }
}
