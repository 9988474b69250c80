import Foundation
import Vision

/// A source of video that reconnects by itself and returns the newest picture.
///
/// ```swift
/// let camera = try Camera(VideoSource("/dev/video0"))
/// while let frame = try camera.next() { print(frame.captured, frame.image.width, frame.image.height) }
/// ```
///
/// One thread requests pictures. Any thread may read the state or close the camera.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked.
public final class Camera: @unchecked Sendable {
  /// What the camera is doing.
  public enum Phase: Sendable, Equatable {
    /// Pictures were requested, and none has come yet.
    case connecting
    /// Pictures are coming.
    case running
    /// The source could not be reached or fell silent. The next attempt follows after a pause of so many seconds.
    case waiting(Double)
    /// The film is over, or the camera was closed.
    case ended
  }

  /// The state of a camera.
  public struct State: Sendable, Equatable {
    /// What the camera is doing.
    public internal(set) var phase = Phase.connecting
    /// The number of pictures that were returned.
    public internal(set) var frames = 0
    /// The number of pictures that were dropped because a newer one came before the next request.
    public internal(set) var dropped = 0
    /// How often the camera was lost and came back.
    public internal(set) var reconnects = 0
    /// The width of the last picture, in pixels.
    public internal(set) var width = 0
    /// The height of the last picture, in pixels.
    public internal(set) var height = 0
    /// Why the camera was lost the last time; nil while pictures come.
    public internal(set) var failure: VideoError?
  }

  /// How long a camera waits, all in seconds.
  public struct Patience: Sendable {
    /// The limit for a source's first picture.
    public var open = 10.0
    /// The limit for each further picture.
    public var read = 5.0
    /// The pause after the first failure. It doubles after each further one.
    public var firstPause = 0.5
    /// The longest pause between attempts.
    public var longestPause = 30.0

    /// The defaults.
    public init() {}
  }

  /// Where the pictures come from.
  public let source: VideoSource
  private let mode: VideoReader.Mode
  private let patience: Patience
  private let report: @Sendable (State) -> Void
  private let condition = NSCondition()
  private var current = State()
  private(set) var reader: VideoReader?
  private var isClosed = false

  /// Creates a camera.
  ///
  /// - Parameters:
  ///   - source: Where pictures come from.
  ///   - everyFrame: For films: returns every picture, as fast as it is requested, instead of the newest at the film's
  ///     own speed.
  ///   - patience: How long the camera waits.
  ///   - report: Called when the phase has changed, on the thread of `next` or `close`.
  public init(
    _ source: VideoSource, everyFrame: Bool = false, patience: Patience = Patience(),
    report: @escaping @Sendable (State) -> Void = { _ in }
  ) {
    self.source = source
    self.patience = patience
    self.report = report
    mode = everyFrame && source.kind == .film ? .all : .live
  }

  deinit { close() }

  /// The state of the camera.
  public var state: State { condition.withLock { current } }

  /// The newest picture that was not returned yet. Waits as long as necessary: a lost camera is tried again and again.
  ///
  /// - Returns: Nil at the end of a film, and when the camera was closed.
  /// - Throws: `VideoError` if a film cannot be read, or if Rollcall's own program for it is missing, because waiting
  ///   would not help.
  public func next() throws(VideoError) -> VideoFrame? {
    var pause = patience.firstPause
    while true {
      do throws(VideoError) {
        guard let reader = try connected() else { return nil }
        let isNew = state.phase != .running
        let frame = try reader.next(timeout: isNew ? patience.open + patience.read : patience.read)
        guard let frame else {
          close()
          return nil
        }
        count(frame, isNew: isNew)
        return frame
      } catch {
        drop()
        if condition.withLock({ isClosed }) { return nil }
        if source.kind == .film || error.code == .programMissing {
          close()
          throw error
        }
        change {
          $0.phase = .waiting(pause)
          $0.failure = error
        }
        condition.withLock {
          let deadline = Date(timeIntervalSinceNow: pause)
          while !isClosed, condition.wait(until: deadline) {}
        }
        pause = min(pause * 2, patience.longestPause)
      }
    }
  }

  /// Releases the source. A `next` that waits returns nil. A second call does nothing.
  public func close() {
    let reader = condition.withLock {
      isClosed = true
      condition.broadcast()
      defer { self.reader = nil }
      return self.reader
    }
    reader?.stop()
    change { $0.phase = .ended }
  }

  /// The reader. It is started if there is none; nil if the camera is closed.
  private func connected() throws(VideoError) -> VideoReader? {
    let (reader, isClosed) = condition.withLock { (self.reader, self.isClosed) }
    if reader != nil || isClosed { return reader }
    change { $0.phase = .connecting }
    let new = try VideoReader(source, mode: mode, open: patience.open, read: patience.read)
    return condition.withLock {
      guard !self.isClosed else { return nil }
      self.reader = new
      return new
    }
  }

  private func drop() {
    condition.withLock {
      defer { reader = nil }
      return reader
    }?.stop()
  }

  private func count(_ frame: VideoFrame, isNew: Bool) {
    change {
      if isNew, $0.frames > 0 { $0.reconnects += 1 }
      $0.phase = .running
      $0.failure = nil
      $0.frames += 1
      $0.dropped += frame.dropped
      ($0.width, $0.height) = (frame.image.width, frame.image.height)
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let (before, after) = condition.withLock {
      let before = current
      body(&current)
      return (before, current)
    }
    if before.phase != after.phase { report(after) }
  }
}
