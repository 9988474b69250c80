internal import CVision
import Foundation
public import Values
public import Vision

/// The corners of both eyes and the base of the nose, in the picture's pixels.
///
/// Left and right are the person's own.
public struct Landmarks: Sendable, Equatable {
  /// The corner of the left eye at the temple.
  public var leftEyeOuter: Point
  /// The corner of the left eye at the nose.
  public var leftEyeInner: Point
  /// The corner of the right eye at the temple.
  public var rightEyeOuter: Point
  /// The corner of the right eye at the nose.
  public var rightEyeInner: Point
  /// The point where the nose meets the upper lip.
  public var nose: Point

  /// Left eye outer and inner corner, right eye outer and inner corner, nose: dlib's order.
  public var points: [Point] { [leftEyeOuter, leftEyeInner, rightEyeOuter, rightEyeInner, nose] }

  /// The same landmarks in a picture `factor` times as large.
  public func scaled(by factor: Double) -> Landmarks { Landmarks(points.map { $0.scaled(by: factor) }) }

  init(_ points: [Point]) {
    (leftEyeOuter, leftEyeInner, rightEyeOuter, rightEyeInner, nose) =
      (points[0], points[1], points[2], points[3], points[4])
  }
}

/// An aligner, which finds landmarks and cuts chips, both as dlib does.
///
/// `@unchecked Sendable`: dlib's shape predictor is only read after it is loaded.
public final class Aligner: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Loads dlib's shape predictor.
  ///
  /// - Throws: `VisionError` if the predictor's file is missing or does not contain the predictor.
  public init(models: Models) throws(VisionError) {
    let path = models.url(.faceLandmarks).path
    handle = try make("load the model \(path)") { rc_landmarker_open(path, $0, $1) }
  }

  deinit { rc_landmarker_free(handle) }

  /// Finds the landmarks of the face in a detector's box.
  public func landmarks(in image: Image, box: Rect) throws(VisionError) -> Landmarks {
    var points = [rc_point](repeating: rc_point(), count: Int(RC_LANDMARKS))
    try image.withHandle { (image) throws(VisionError) in
      try native("find landmarks") {
        rc_landmarker_find(
          handle, image, rc_rect(x: box.x, y: box.y, width: box.width, height: box.height), &points, $0)
      }
    }
    return Landmarks(points.map { Point(x: $0.x, y: $0.y) })
  }

  /// Cuts a face out for the encoders.
  ///
  /// - Parameter head: The whole head; `Detection.head` is one.
  /// - Throws: `VisionError` with code `invalid` when the landmarks coincide.
  public func chip(of image: Image, _ landmarks: Landmarks, head: Rect) throws(VisionError) -> Chip {
    let width = max(1, Int(head.width.rounded()))
    let height = max(1, Int(head.height.rounded()))
    let part = try image.cropped(
      x: Int(head.x.rounded()), y: Int(head.y.rounded()), width: width, height: height)
    return Chip(
      rgb: try ChipGeometry.encoder.cut(image, landmarks),
      head: try part.resized(width: Chip.headSide, height: Chip.headSide).withPixels { Array($0) })
  }
}
