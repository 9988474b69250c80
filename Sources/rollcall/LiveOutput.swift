import Foundation
import Formats
import Live
import Store
import Terminal
import Video

/// Writes what is seen to standard output: faces for programs, events for people.
struct LivePrinter {
  private let format: LiveVerb.Format
  private let zone: TimeZone
  private let people: CurrentPeople
  /// There are several cameras.
  private let isNamed: Bool

  init(_ format: LiveVerb.Format, _ zone: TimeZone, _ people: CurrentPeople, isNamed: Bool) {
    self.format = format
    self.zone = zone
    self.people = people
    self.isNamed = isNamed
  }

  /// - Parameter film: Seconds from the film's beginning; nil for cameras.
  func print(_ source: Sighting.Source, _ time: Date, film: Double?, _ moment: Watcher.Moment) throws {
    switch format {
    case .text: try print(source, moment.events)
    case .jsonl:
      for face in moment.faces {
        var more: [JSONValue.Member] = [.init("track", .int(face.track))]
        if let film { more.append(.init("position", .double((film * 1000).rounded() / 1000))) }
        let report = FaceReport(source: source, time: time, found: face.found)
        try Output.standard.line(report.json(.identity, zone, more: more).text())
      }
    }
  }

  func print(_ source: Sighting.Source, _ events: [Sighting]) throws {
    guard format == .text else { return }
    let place = isNamed ? "\(source.name)  " : ""
    for event in events {
      let who = event.personID.map { "\(people.current.names[$0] ?? $0) (\($0))" } ?? event.status.who
      try Output.standard.line(
        displayable("\(Timestamp.string(from: event.time, in: zone))  \(place)\(who) \(event.what)"))
    }
  }
}

extension Sighting.Status {
  fileprivate var who: String {
    switch self {
    case .known, .unknown: "somebody unknown"
    case .poor: "a face too poor to tell"
    case .forgotten: "somebody forgotten"
    }
  }
}

extension Sighting {
  /// What happened, behind who it was.
  fileprivate var what: String {
    switch kind {
    case .arrival, .photo: "arrived" + (mask.map { ", \($0.words)" } ?? "")
    case .mask: "now \(mask?.words ?? "unsure")"
    case .seen: "was last seen"
    }
  }
}

extension Sighting.Mask {
  fileprivate var words: String {
    switch self {
    case .mask: "mask"
    case .incorrect: "mask worn incorrectly"
    case .covering: "face covered, no mask"
    case .none: "no mask"
    case .unsure: "mask unsure"
    }
  }
}

/// What the cameras show right now, on a terminal: a line for each camera and each face.
///
/// `@unchecked Sendable`: every variable is read and written under the lock.
final class LiveBoard: @unchecked Sendable {
  /// What one camera shows.
  private struct Camera {
    var lines: [String] = []
    var drawn = Date.distantPast
    /// Pictures at the moment from which the rate is counted.
    var counted: (frames: Int, time: Date)
    /// Pictures a second.
    var rate: Double?
  }

  private static let pause = 0.2
  private let board = StatusBoard()
  private let lock = NSLock()
  private var cameras: [String: Camera] = [:]

  func show(_ name: String, _ moment: Watcher.Moment, _ state: Video.Camera.State, age: Double) {
    guard board.isShown else { return }
    lock.withLock {
      let now = Date()
      var camera = cameras[name] ?? Camera(counted: (state.frames, now))
      let elapsed = now.timeIntervalSince(camera.counted.time)
      if elapsed >= 1 {
        camera.rate = Double(state.frames - camera.counted.frames) / elapsed
        camera.counted = (state.frames, now)
      }
      defer { cameras[name] = camera }
      guard now.timeIntervalSince(camera.drawn) >= Self.pause else { return }
      camera.drawn = now
      let head = [
        name, "\(state.width)×\(state.height)", camera.rate.map { "\(Int($0.rounded())) a second" },
        "\(Int(age * 1000)) ms behind",
        moment.faces.isEmpty ? "no face" : "\(moment.faces.count) face\(moment.faces.count == 1 ? "" : "s")",
      ].compactMap { $0 }.joined(separator: "  ")
      camera.lines =
        [head]
        + moment.faces.map(\.found).map { face in
          let who = face.person.map { "\($0.name)  \(FaceReport.percent($0.confidence))" } ?? face.status.rawValue
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
