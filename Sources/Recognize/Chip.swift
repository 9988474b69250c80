internal import CVision
public import Vision

/// A face cut out of its picture for the encoders.
public struct Chip: Sendable {
  /// The length of a side of the upright face, in pixels.
  public static let side = ChipGeometry.encoder.side
  /// The upright face for dlib's encoder and the periocular encoder: red, green and blue, `side` rows of `side` pixels.
  public let rgb: [UInt8]
  /// The length of a side of the head, in pixels.
  public static let headSide = 160
  /// The whole head for the second encoder, squeezed to a square and not turned: red, green and blue, `headSide` rows
  /// of `headSide` pixels. What lies outside the picture is black.
  public let head: [UInt8]

  init(rgb: [UInt8], head: [UInt8]) {
    self.rgb = rgb
    self.head = head
  }

  /// Measures light and sharpness of the face.
  public func quality() throws(VisionError) -> ChipQuality {
    var quality = rc_chip_quality()
    try native("measure a face") { rc_chip_measure(rgb, Int32(Chip.side), &quality, $0) }
    return ChipQuality(
      sharpness: quality.sharpness, brightness: quality.brightness, contrast: quality.contrast, blown: quality.blown)
  }
}

/// Light and sharpness of a face, measured on the inner two thirds of its upright chip.
public struct ChipQuality: Sendable {
  /// The variance of the Laplacian of the grey chip, 8-bit levels squared: low when blurred or enlarged.
  public let sharpness: Double
  /// The mean grey level, 0…255.
  public let brightness: Double
  /// The standard deviation of the grey level, 0…255.
  public let contrast: Double
  /// The share of pixels at 250 or above, 0…1.
  public let blown: Double
}
