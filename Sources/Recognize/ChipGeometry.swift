internal import CVision
import Values
public import Vision

/// The size and the margin of a chip: a square with an upright face and level eyes, as dlib frames faces.
///
/// Each network has the geometry that it was trained with.
public struct ChipGeometry: Sendable, Equatable {
  /// The length of a side in pixels, 1 or more.
  public let side: Int
  /// The margin around the face on each of its four sides, as a share of the face's size, 0 or more. At 0 the chip
  /// reaches from the brows to the chin, and from one temple to the other.
  public let padding: Double

  /// Creates a geometry.
  public init(side: Int, padding: Double) {
    self.side = side
    self.padding = padding
  }

  /// The geometry that dlib's face encoder was trained with.
  public static let encoder = ChipGeometry(side: 150, padding: 0.25)

  /// Cuts the face with these landmarks out of its picture. What lies outside the picture is black.
  ///
  /// - Returns: Red, green and blue, `side` rows of `side` pixels.
  /// - Throws: `VisionError` with code `invalid` when the landmarks coincide.
  public func cut(_ image: Image, _ landmarks: Landmarks) throws(VisionError) -> [UInt8] {
    var rgb = [UInt8](repeating: 0, count: max(0, side * side * 3))
    try image.withHandle { (image) throws(VisionError) in
      try native("cut a face out") {
        rc_chip_extract(image, landmarks.native, Int32(side), padding, &rgb, $0)
      }
    }
    return rgb
  }

  /// The transform from points in the chip to points in the picture.
  ///
  /// - Throws: `VisionError` with code `invalid` when the landmarks coincide.
  public func place(_ landmarks: Landmarks) throws(VisionError) -> Similarity {
    var map = rc_similarity()
    try native("cut a face out") { rc_chip_place(landmarks.native, Int32(side), padding, &map, $0) }
    return Similarity(a: map.a, b: map.b, dx: map.dx, dy: map.dy)
  }
}

extension Landmarks {
  fileprivate var native: [rc_point] { points.map { rc_point(x: $0.x, y: $0.y) } }
}
