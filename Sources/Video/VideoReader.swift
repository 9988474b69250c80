internal import CVideo
import Foundation
import Posix
import Vision

/// One attempt to read a source: a process that reads it, and the connection to that process.
///
/// Another process reads the source, because cameras, drivers and decoders hang and crash, and a process can be ended
/// at any moment. A reader is not safe to use from several threads at once, except for `stop`.
final class VideoReader: Sendable {
  /// The pictures that are returned.
  enum Mode: String, Sendable {
    /// The newest picture, at the source's own speed. Older ones are dropped.
    case live
    /// Every picture, as fast as it is requested.
    case all
  }

  private let source: VideoSource
  let process: ChildProcess
  private let connection: Descriptor

  /// Starts reading. The first call of `next` shows whether the source can be opened.
  ///
  /// - Parameters:
  ///   - open: How long the source may take to answer, in seconds.
  ///   - read: How long it may be silent later, in seconds.
  init(_ source: VideoSource, mode: Mode, open: Double, read: Double) throws(VideoError) {
    self.source = source
    let milliseconds = [open, read].map { String(Int($0 * 1000)) }
    (process, connection) = try VideoProgram.start(
      ["read", source.kind.rawValue] + milliseconds + [mode.rawValue], for: source.name)
    guard connection.send(Data((source.address + "\n").utf8)) else { throw crashed }
  }

  deinit { stop() }

  /// The next picture; nil at the end of a film.
  ///
  /// - Parameter timeout: How long to wait, in seconds.
  func next(timeout: Double) throws(VideoError) -> VideoFrame? {
    do {
      return try answer(until: ContinuousClock.now + .seconds(timeout))
    } catch {
      throw (error as? VideoError) ?? crashed
    }
  }

  private func answer(until deadline: ContinuousClock.Instant) throws -> VideoFrame? {
    guard connection.send(Data([1])) else { throw crashed }
    var header = rc_video_message()
    try withUnsafeMutableBytes(of: &header) { try fill($0, deadline) }
    switch Int(header.kind) {
    case RC_VIDEO_FRAME:
      let (width, height) = (Int(header.width), Int(header.height))
      guard width * height * 3 == Int(header.count) else { throw crashed }
      return VideoFrame(
        image: try Image(width: width, height: height) { try fill($0, deadline) },
        captured: Date(timeIntervalSince1970: header.captured), position: header.position,
        length: header.length > 0 ? header.length : nil, dropped: Int(header.dropped))
    case RC_VIDEO_END: return nil
    default:
      var text = [UInt8](repeating: 0, count: Int(min(header.count, 1000)))
      try text.withUnsafeMutableBytes { try fill($0, deadline) }
      throw VideoError(.unreadable, source.name, String(decoding: text, as: UTF8.self), advice: advice)
    }
  }

  /// Ends the process at once. May be called from any thread; a `next` that waits throws.
  func stop() {
    connection.shutDown()
    process.kill()
  }

  private var advice: String {
    switch source.kind {
    case .device: "Look whether it is plugged in, and whether another program uses it."
    case .stream: "Look whether the camera is on, and whether address, user name and password are right."
    case .film: "Look whether another player shows it."
    }
  }

  private var crashed: VideoError {
    VideoError(.crashed, source.name, "reading it broke off", advice: advice)
  }

  private func fill(_ bytes: UnsafeMutableRawBufferPointer, _ deadline: ContinuousClock.Instant) throws(VideoError) {
    switch connection.receive(bytes, until: deadline) {
    case .complete: return
    case .closed: throw crashed
    case .late: throw VideoError(.silent, source.name, "no picture came in time", advice: advice)
    }
  }
}

/// The program that reads and writes video for Rollcall.
enum VideoProgram {
  private static let name = "rollcall-video"

  /// Starts the program, with one end of a connection as its standard input and output.
  static func start(_ arguments: [String], for source: String) throws(VideoError) -> (ChildProcess, Descriptor) {
    // Both programs are built together and lie side by side.
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let path = folder.appending(path: name).path(percentEncoded: false)
    guard access(path, X_OK) == 0 else {
      throw VideoError(
        .programMissing, source, "\(path) is missing, which reads video",
        advice: "It is built and installed together with rollcall: make build.")
    }
    do throws(SystemFailure) {
      let (own, other) = try Descriptor.connection()
      let nowhere = try Descriptor("/dev/null", flags: O_WRONLY)
      let process = try ChildProcess(
        path, arguments: arguments, environment: ["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"],
        files: (other, other, nowhere))
      return (process, own)
    } catch {
      throw VideoError(.crashed, source, "\(name) does not start: \(error.text)", advice: "Try again.")
    }
  }
}
