import Foundation
import Video
import Vision

/// Writes a video of the observed pictures, at a steady rate whatever the rate of the source.
final class LiveRecorder {
  private static let rate = 25.0
  /// The longest gap in the source, in seconds. The rest of a longer gap is cut out.
  private static let longestGap = 1.0
  private let writer: VideoWriter
  private var written = 0
  private var length = 0.0
  private var last: Date?

  init(_ file: String, _ image: Image) throws {
    writer = try VideoWriter(
      file, width: image.width / 2 * 2, height: image.height / 2 * 2, rate: Self.rate)
  }

  func add(_ image: Image, _ labels: [Label], at time: Date) throws {
    length += min(Self.longestGap, last.map { max(0, time.timeIntervalSince($0)) } ?? 0)
    last = time
    let wanted = Int((length * Self.rate).rounded()) + 1
    guard wanted > written else { return }
    let picture = try image.annotated(labels)
    while written < wanted {
      try writer.append(picture)
      written += 1
    }
  }

  func finish() throws { try writer.finish() }
}
