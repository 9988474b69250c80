import Foundation
import Live
import Posix
import Wire

/// What people see of one camera: lines on standard output, the board on a terminal, a video, and how late it all is.
final class LiveDisplay: CameraListener {
  private struct State {
    var ages = Ages()
    var recorder: LiveRecorder?
  }

  private let name: String
  private let printer: LivePrinter
  private let board: LiveBoard
  /// The file to write a video to.
  private let record: String?
  private let isLogged: Bool
  private let isTimed: Bool
  private let state = Guarded(State())

  /// - Parameters:
  ///   - isLogged: Events are kept on disk before they come here.
  ///   - isTimed: Pictures come at their own speed, so that their age says something.
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

  /// Takes the camera off the board.
  func close() { board.remove(name) }

  /// How late answers and events were, for people.
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
