public import Foundation
public import Vision

/// One picture of a video.
public struct VideoFrame: Sendable {
  /// The picture.
  public let image: Image
  /// When it came from the source.
  public let captured: Date
  /// In a film, seconds from its beginning; 0 for cameras.
  public let position: Double
  /// Seconds that the film lasts; nil for cameras, and where the film does not say.
  public let length: Double?
  /// Pictures that came between the one before and this one, and were not asked for.
  public let dropped: Int
}
