import Foundation
import Live
import Vision

/// A browser's camera. It exists as long as the browser sends pictures.
///
/// `@unchecked Sendable`: all mutable state is only accessed with `lock` locked.
final class BrowserCamera: @unchecked Sendable {
  private static let patience: Duration = .seconds(10)
  private let lock = NSLock()
  private let session: CameraSession
  private var last = ContinuousClock.now
  private var isOver = false

  init(_ session: CameraSession) {
    self.session = session
  }

  var isSilent: Bool { lock.withLock { .now - last > Self.patience } }

  /// - Returns: Nil if the camera has been ended.
  func look(at image: Image) throws -> Observation? {
    try lock.withLock {
      guard !isOver else { return nil }
      let observation = try session.look(at: image, time: Date())
      last = .now
      return observation
    }
  }

  /// Ends the camera and its visits.
  func finish() throws {
    try lock.withLock {
      isOver = true
      try session.finish()
    }
  }

  var state: CameraState {
    let statistics = session.statistics
    return CameraState(
      name: session.camera, kind: .browser, phase: statistics.width > 0 ? "running" : "connecting",
      width: statistics.width, height: statistics.height, rate: statistics.framesPerSecond, faces: statistics.faces)
  }
}
