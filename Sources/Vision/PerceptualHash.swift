internal import CVision

/// What a picture looks like, in 64 bits: copies in another size, format or quality, and a little changed ones, differ
/// in few of them.
///
/// The DCT hash of Zauner, “Implementation and Benchmarking of Perceptual Image Hash Functions” (2010).
public struct PerceptualHash: Sendable, Equatable {
  /// Of the picture as it is.
  public let plain: UInt64
  /// Of the picture mirrored left to right.
  public let mirrored: UInt64

  /// A hash that was kept.
  public init(plain: UInt64, mirrored: UInt64) {
    self.plain = plain
    self.mirrored = mirrored
  }

  /// How many of the 64 bits differ, whether one of the pictures is mirrored or not: 0…64, the same from either side.
  /// Pictures that have nothing to do with each other are at about 28.
  public func distance(to other: PerceptualHash) -> Int {
    // A mirrored picture's bits are not just the plain one's turned over, because the median moves; so both are
    // mirrored in turn.
    min(
      (plain ^ other.plain).nonzeroBitCount, (mirrored ^ other.plain).nonzeroBitCount,
      (plain ^ other.mirrored).nonzeroBitCount)
  }
}

extension Image {
  /// What the picture looks like, for finding near-duplicates.
  public func perceptualHash() throws(VisionError) -> PerceptualHash {
    var (plain, mirrored): (UInt64, UInt64) = (0, 0)
    try withHandle { (image) throws(VisionError) in
      try native("hash a picture") { rc_image_hash(image, &plain, &mirrored, $0) }
    }
    return PerceptualHash(plain: plain, mirrored: mirrored)
  }
}
