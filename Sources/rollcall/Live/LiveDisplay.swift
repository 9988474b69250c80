import Foundation
import Live
import Posix
import Wire

/// Shows one camera to people: lines on standard output, the board on a terminal, a video, and the latency.
final class LiveDisplay: CameraListener {
  private struct State {
    var ages = Ages()
    var recorder: LiveRecorder?
  }

  private let name: String
  private let printer: LivePrinter
  private let board: LiveBoard
  /// The file of the video, if one is written.
  private let record: String?
  private let isLogged: Bool
  private let isTimed: Bool
  private let state = Guarded(State())

  /// - Parameters:
  ///   - isLogged: Whether events are on disk before this listener receives them.
  ///   - isTimed: Whether pictures arrive at their own speed. Only then is their age meaningful.
  init(
    _ source: NamedSource, _ printer: LivePrinter, _ board: LiveBoard, record: String?, isLogged: Bool, isTimed: Bool
  ) {
    name = source.name
    (self.printer, self.board, self.record) = (printer, board, record)
    (self.isLogged, self.isTimed) = (isLogged, isTimed)
  }

  func session(_ camera: String, observed observation: Observation) throws {
    let age = Date().timeIntervalSince(observation.captured)
    state.withLock { $0.ages.add(age, isEvent: !observation.events.isEmpty) }
    try printer.print(observation)
    board.show(observation, age: age)
    guard let record else { return }
    try state.withLock { state in
      let recorder = try state.recorder ?? LiveRecorder(record, observation.image)
      state.recorder = recorder
      try recorder.add(observation.image, observation.faces.map { $0.face.label(.identity) }, at: observation.time)
    }
  }

  func session(_ camera: String, ended events: [TrackedEvent]) throws {
    try printer.print(events, of: camera)
    try state.withLock { try $0.recorder?.finish() }
  }

  /// Removes the camera from the board.
  func close() { board.remove(name) }

  /// The latency of answers and of events, as text.
  var latency: [String] {
    guard isTimed else { return [] }
    let ages = state.withLock { $0.ages }
    var parts: [String] = []
    if let age = ages.all {
      let (median, high) = (milliseconds(age.median), milliseconds(age.high))
      parts.append("answers \(median) after the picture (99 %: \(high), at most \(milliseconds(ages.most)))")
    }
    if isLogged, let age = ages.events {
      parts.append("events on disk after \(milliseconds(age.median)) (99 %: \(milliseconds(age.high)))")
    }
    return parts
  }

  private func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }
}
