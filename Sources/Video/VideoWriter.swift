import Foundation
import Posix
public import Vision

/// A writer of films, picture by picture: MPEG-4 in `.mp4` or `.mkv`, MJPEG in `.avi`.
///
/// ```swift
/// let writer = try VideoWriter("film.mp4", width: 1280, height: 720, rate: 25)
/// try writer.append(image)
/// try writer.finish()
/// ```
///
/// A writer is not safe to use from several threads at once.
public final class VideoWriter {
  private let file: String
  private let width: Int
  private let height: Int
  private let process: ChildProcess
  private let connection: Descriptor

  /// Creates a film.
  ///
  /// - Parameters:
  ///   - file: The path of the film. An existing file is overwritten. The extension chooses the kind of film.
  ///   - width: The width of every picture, in pixels; even.
  ///   - height: The height of every picture, in pixels; even.
  ///   - rate: Pictures per second.
  /// - Throws: `VideoError`.
  public init(_ file: String, width: Int, height: Int, rate: Double) throws(VideoError) {
    guard ["mp4", "mkv", "avi"].contains((file as NSString).pathExtension.lowercased()) else {
      throw VideoError(
        .unwritable, file, "this kind of film cannot be written", advice: "Let its name end with .mp4, .mkv or .avi.")
    }
    (self.file, self.width, self.height) = (file, width, height)
    (process, connection) = try VideoProgram.start(
      ["write", file, String(width), String(height), String(rate)], for: file)
  }

  deinit { process.kill() }

  /// Appends a picture. A picture of another size is scaled.
  ///
  /// - Throws: `VideoError`, `VisionError`.
  public func append(_ image: Image) throws {
    let fitting =
      image.width == width && image.height == height ? image : try image.resized(width: width, height: height)
    guard fitting.withPixels({ connection.send(UnsafeRawBufferPointer($0)) }) else { throw failed }
  }

  /// Completes the file.
  ///
  /// - Throws: `VideoError` if the file could not be written completely.
  public func finish() throws(VideoError) {
    connection.shutDownWriting()
    guard process.wait(timeout: 60) == 0 else { throw failed }
  }

  private var failed: VideoError {
    VideoError(
      .unwritable, file, "the film could not be written",
      advice: "Look whether its folder is there and may be written to, and whether the disk is full.")
  }
}
