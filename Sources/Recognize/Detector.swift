internal import CVision
import Foundation
import Vision

/// A face found in a picture.
public struct Detection: Sendable {
  /// The face, in the picture's pixels; may reach past its edge.
  public var box: Rect
  /// The detector's score: higher is surer, 0 is dlib's own threshold, about 1 a clear face.
  public var score: Double

  /// A face in a detector's box.
  public init(box: Rect, score: Double) {
    self.box = box
    self.score = score
  }

  /// The whole head: the detector's box reaches from the brows to the chin, and people frame a face with hair and neck. The margins
  /// are the medians by which hand-drawn boxes on street pictures exceed the detector's.
  public var head: Rect {
    Rect(x: box.x - 0.14 * box.width, y: box.y - 0.41 * box.height, width: 1.28 * box.width, height: 1.58 * box.height)
  }
}

/// Finds faces, masked ones too: dlib's MMOD network on its tiled pyramid.
public final class Detector: Sendable {
  /// What to look for.
  public struct Options: Sendable {
    /// Detections at or below this score are dropped. dlib's own value, 0, misses about one masked face in seven.
    public var threshold: Double
    /// The smallest face that must be found, in the picture's pixels across the box. Small faces need an enlarged picture, at a cost
    /// that grows with its square.
    public var minimumFace: Double
    /// The picture is never enlarged or kept past this many pixels, which bounds time and memory; faces then have to be larger.
    public var maximumPixels: Int

    /// By default faces from 40 pixels on, in a picture of at most two million pixels.
    public init(threshold: Double = Detector.defaultThreshold, minimumFace: Double = 40, maximumPixels: Int = 2_000_000)
    {
      self.threshold = threshold
      self.minimumFace = minimumFace
      self.maximumPixels = maximumPixels
    }
  }

  /// The narrowest face that the network sees in a picture as it is, in pixels: as small as dlib itself looks for.
  public static let dlibMinimumFace = 80.0

  /// The score above which a face is reported, tuned on street and group pictures with masked faces: lower finds more of them and
  /// more that are none (the curve is in models/face-detector.md).
  public static let defaultThreshold = -0.6

  /// How dlib turns scores into boxes; written by the conversion, from dlib's own file.
  struct Parameters: Decodable {
    struct Window: Decodable {
      let width: Double
      let height: Double
    }
    struct Overlap: Decodable {
      let iou: Double
      let covered: Double
    }
    /// One window per output channel, in pixels of the canvas.
    let windows: [Window]
    /// Non-maximum suppression: a weaker box is dropped past either share.
    let overlap: Overlap
    /// Canvas pixels from one score to the next.
    let stride: Double
    /// The canvas pixel under the first score.
    let offset: Double
  }

  private let network: Network
  private let parameters: Parameters

  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    parameters = try models.parameters(.faceDetectorParameters, as: Parameters.self)
    network = try Network(contentsOf: models.url(.faceDetector), options: options)
  }

  /// The faces in a picture, the surest first.
  ///
  /// - Throws: `VisionError` when memory runs out.
  public func detect(in image: Image, options: Options = Options()) throws(VisionError) -> [Detection] {
    let scale = self.scale(for: image, options)
    // A strip narrower than a quarter of the detector's window shows no face, and dlib's canvas has no place for it.
    guard Double(min(image.width, image.height)) * scale >= Detector.dlibMinimumFace / 4 else { return [] }
    guard scale != 1 else { return try scan(image, threshold: options.threshold) }
    let (width, height) = (Detector.rounded(image.width, scale), Detector.rounded(image.height, scale))
    let (across, down) = (Double(image.width) / Double(width), Double(image.height) / Double(height))
    return try scan(image.resized(width: width, height: height), threshold: options.threshold).map {
      let box = $0.box
      return Detection(
        box: Rect(x: box.x * across, y: box.y * down, width: box.width * across, height: box.height * down),
        score: $0.score)
    }
  }

  /// A side of the scaled picture, to the nearest of a few sizes: OpenVINO compiles the network for each size it meets. A face comes out
  /// a few hundredths wider or narrower, which the detector does not notice.
  private static func rounded(_ side: Int, _ scale: Double) -> Int {
    let step = 32.0
    return max(Int(step), Int((Double(side) * scale / step).rounded() * step))
  }

  /// How much to enlarge or reduce the picture so that the smallest wanted face fills the detector's smallest window.
  private func scale(for image: Image, _ options: Options) -> Double {
    let window = parameters.windows.map { min($0.width, $0.height) }.min() ?? 1
    let wanted = window / max(1, options.minimumFace)
    let affordable = (Double(options.maximumPixels) / (Double(image.width) * Double(image.height))).squareRoot()
    return min(wanted, affordable)
  }

  private func scan(_ image: Image, threshold: Double) throws(VisionError) -> [Detection] {
    let pyramid = try Pyramid(image)
    let scores = try pyramid.withPlanes { (planes) throws(VisionError) in
      try network.run(planes, shape: [1, 3, pyramid.height, pyramid.width])
    }
    guard scores.shape.count == 4, scores.shape[1] == parameters.windows.count else {
      throw VisionError(.model, while: "detect faces", "the network and its parameters do not belong together")
    }
    let (rows, columns) = (scores.shape[2], scores.shape[3])
    var found: [Detection] = []
    for (channel, window) in parameters.windows.enumerated() {
      for row in 0..<rows {
        for column in 0..<columns {
          let score = Double(scores.values[(channel * rows + row) * columns + column])
          guard score > threshold else { continue }
          let x = Double(column) * parameters.stride + parameters.offset
          let y = Double(row) * parameters.stride + parameters.offset
          let onCanvas = Rect(
            x: x - (window.width - 1) / 2, y: y - (window.height - 1) / 2, width: window.width, height: window.height)
          found.append(Detection(box: pyramid.toImage(onCanvas), score: score))
        }
      }
    }
    return suppressed(found.sorted { $0.score > $1.score })
  }

  /// dlib's non-maximum suppression: keeps the surest of boxes that overlap. dlib's union is the box around both.
  private func suppressed(_ sorted: [Detection]) -> [Detection] {
    var kept: [Detection] = []
    for candidate in sorted {
      let isCovered = kept.contains { other in
        let inner = other.box.intersection(candidate.box).area
        guard inner > 0 else { return false }
        return inner / other.box.hull(candidate.box).area > parameters.overlap.iou
          || inner / other.box.area > parameters.overlap.covered
          || inner / candidate.box.area > parameters.overlap.covered
      }
      if !isCovered { kept.append(candidate) }
    }
    return kept
  }
}

extension Rect {
  /// The smallest rectangle around both.
  fileprivate func hull(_ other: Rect) -> Rect {
    let left = min(x, other.x)
    let top = min(y, other.y)
    return Rect(
      x: left, y: top, width: max(x + width, other.x + other.width) - left,
      height: max(y + height, other.y + other.height) - top)
  }
}

/// The picture at every size that the detector looks at, on one canvas.
private final class Pyramid {
  private let handle: OpaquePointer

  init(_ image: Image) throws(VisionError) {
    handle = try image.withHandle { (image) throws(VisionError) in
      try make("build an image pyramid") { rc_pyramid_create(image, $0, $1) }
    }
  }

  deinit { rc_pyramid_free(handle) }

  var width: Int { Int(rc_pyramid_width(handle)) }
  var height: Int { Int(rc_pyramid_height(handle)) }

  func withPlanes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: rc_pyramid_planes(handle), count: width * height * 3))
  }

  func toImage(_ rect: Rect) -> Rect {
    let mapped = rc_pyramid_to_image(
      handle, rc_rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height))
    return Rect(x: mapped.x, y: mapped.y, width: mapped.width, height: mapped.height)
  }
}
