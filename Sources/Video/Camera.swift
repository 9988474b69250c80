import Foundation
import Vision

/// A source of video that is always there: it reconnects by itself, and gives the newest picture.
///
/// One thread asks for pictures; any thread may ask for the state, or close.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked.
public final class Camera: @unchecked Sendable {
  /// What the camera is doing.
  public enum Phase: Sendable, Equatable {
    /// It was asked for pictures, and none came yet.
    case connecting
    /// Pictures come.
    case running
    /// It could not be reached or fell silent, and is asked again after a pause of so many seconds.
    case waiting(Double)
    /// The film is over, or the camera was closed.
    case ended
  }

  /// How the camera has done so far.
  public struct State: Sendable, Equatable {
    /// What it is doing.
    public internal(set) var phase = Phase.connecting
    /// Pictures given out.
    public internal(set) var frames = 0
    /// Pictures that were older than another by the time somebody asked.
    public internal(set) var dropped = 0
    /// How often it came back after it was lost.
    public internal(set) var reconnects = 0
    /// The size of the last picture, in pixels.
    public internal(set) var width = 0
    /// The size of the last picture, in pixels.
    public internal(set) var height = 0
    /// Why it was lost the last time; nil while pictures come.
    public internal(set) var failure: VideoError?
  }

  /// How patient a camera is, all in seconds.
  public struct Patience: Sendable {
    /// For a source's first picture.
    public var open = 10.0
    /// For each further picture.
    public var read = 5.0
    /// After the first failure; twice as much after each further one.
    public var firstPause = 0.5
    /// At most, between attempts.
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

  /// - Parameters:
  ///   - source: Where pictures come from.
  ///   - everyFrame: For films: every picture, as fast as they are asked for, instead of the newest at the film's own
  ///     speed.
  ///   - patience: How long to wait for what.
  ///   - report: Is called on the asking thread when the phase has changed.
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

  /// How the camera has done so far.
  public var state: State { condition.withLock { current } }

  /// The newest picture that was not given out yet, waited for as long as it takes: a camera that is lost is asked
  /// again and again.
  ///
  /// - Returns: nil at the end of a film, and when the camera was closed.
  /// - Throws: `VideoError` when a film cannot be read, or Rollcall's own program for it is missing: waiting would not
  ///   help.
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

  /// Lets go of the source. A `next` that waits gives nil; a second call does nothing.
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

  /// The reader, started if there is none; nil when the camera is closed.
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
