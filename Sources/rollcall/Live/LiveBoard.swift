import Foundation
import Live
import Terminal
import Values
import Vision

/// The status board of the cameras on a terminal, with a line for each camera and each face.
///
/// `@unchecked Sendable`: all variables are read and written under the lock.
final class LiveBoard: @unchecked Sendable {
  /// The state of one camera on the board.
  private struct Camera {
    var lines: [String] = []
    var drawn = Date.distantPast
    /// The number of pictures so far.
    var frames = 0
    /// The number of pictures at the time from which the rate is counted.
    var counted: (frames: Int, time: Date)
    /// Pictures per second.
    var rate: Double?
  }

  private static let pause = 0.2
  private let board = StatusBoard()
  private let lock = NSLock()
  private var cameras: [String: Camera] = [:]

  func show(_ observation: Observation, age: Double) {
    guard board.isShown else { return }
    lock.withLock {
      let now = Date()
      let name = observation.camera
      var camera = cameras[name] ?? Camera(counted: (0, now))
      camera.frames += 1
      let elapsed = now.timeIntervalSince(camera.counted.time)
      if elapsed >= 1 {
        camera.rate = Double(camera.frames - camera.counted.frames) / elapsed
        camera.counted = (camera.frames, now)
      }
      defer { cameras[name] = camera }
      guard now.timeIntervalSince(camera.drawn) >= Self.pause else { return }
      camera.drawn = now
      let head = [
        name, "\(observation.image.width)×\(observation.image.height)",
        camera.rate.map { "\(Int($0.rounded())) a second" },
        "\(Int(age * 1000)) ms behind",
        observation.faces.isEmpty
          ? "no face" : "\(observation.faces.count) face\(observation.faces.count == 1 ? "" : "s")",
      ].compactMap { $0 }.joined(separator: "  ")
      camera.lines =
        [head]
        + observation.faces.map(\.face).map { face in
          let who =
            face.identification.map { "\(face.eitherName ?? $0.personID)  \(percent($0.confidence))" }
            ?? face.status.rawValue
          return "  \(who)  \(face.mask.caption)"
        }
      cameras[name] = camera
      draw()
    }
  }

  func remove(_ name: String) {
    lock.withLock {
      cameras[name] = nil
      draw()
    }
  }

  func finish() { board.finish() }

  private func draw() { board.show(cameras.sorted { $0.key < $1.key }.flatMap(\.value.lines)) }
}
