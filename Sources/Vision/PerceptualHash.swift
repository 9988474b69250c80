internal import CVision

/// A hash of what a picture looks like, in 64 bits.
///
/// Copies in another size, format or quality, and slightly changed copies, differ in few bits. It is the DCT hash of
/// Zauner, “Implementation and Benchmarking of Perceptual Image Hash Functions” (2010).
public struct PerceptualHash: Sendable, Equatable {
  /// The hash of the picture as it is.
  public let plain: UInt64
  /// The hash of the picture mirrored left to right.
  public let mirrored: UInt64

  /// Creates a hash from stored values.
  public init(plain: UInt64, mirrored: UInt64) {
    self.plain = plain
    self.mirrored = mirrored
  }

  /// The number of bits that differ, 0…64. A mirrored copy counts as a copy, and the distance is the same in both
  /// directions. Unrelated pictures have a distance of about 28.
  public func distance(to other: PerceptualHash) -> Int {
    // Each picture is mirrored in turn: the mirrored bits cannot be computed from the plain ones, because the median
    // moves.
    min(
      (plain ^ other.plain).nonzeroBitCount, (mirrored ^ other.plain).nonzeroBitCount,
      (plain ^ other.mirrored).nonzeroBitCount)
  }
}

extension Image {
  /// Computes the hash of the picture, for finding near-duplicates.
  public func perceptualHash() throws(VisionError) -> PerceptualHash {
    var (plain, mirrored): (UInt64, UInt64) = (0, 0)
    try withHandle { (image) throws(VisionError) in
      try native("hash a picture") { rc_image_hash(image, &plain, &mirrored, $0) }
    }
    return PerceptualHash(plain: plain, mirrored: mirrored)
  }
}
