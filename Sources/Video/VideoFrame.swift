public import Foundation
public import Vision

/// One picture of a video.
public struct VideoFrame: Sendable {
  /// The picture.
  public let image: Image
  /// When the picture came from the source.
  public let captured: Date
  /// Seconds from a film's beginning; 0 for cameras.
  public let position: Double
  /// The length of the film in seconds; nil for cameras and for films that do not state it.
  public let length: Double?
  /// The number of pictures between the last returned one and this one, which were not requested.
  public let dropped: Int
}
