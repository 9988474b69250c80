import Foundation
import Formats
import Live
import Posix
import Store
import Terminal
import Video
import Vision

/// One camera or film: looks at its pictures, and tells everybody who wants to know.
///
/// `@unchecked Sendable`: one thread runs it; the others call `stop` and, when it is over, read `summary`.
final class LiveView: @unchecked Sendable {
  /// A source with its name.
  struct Place {
    let source: VideoSource
    /// What people and the log call it.
    let name: String

    /// A film is a camera too: by the name of its file, where nothing else is said.
    init(_ source: VideoSource, name: String?) {
      self.source = source
      self.name = name ?? (source.kind == .film ? (source.name as NSString).lastPathComponent : source.name)
    }

    var logged: Sighting.Source { .camera(name) }
  }

  /// How films are read.
  struct Film {
    let isFast: Bool
    /// When it was recorded; nil for now.
    let begin: Date?
  }

  private let place: Place
  private let film: Film
  private let log: LiveLog?
  private let snapshots: SnapshotKeeper
  private let board: LiveBoard
  private let printer: LivePrinter
  private let record: String?
  private let watcher: Watcher
  private let camera: Camera
  private let started = ContinuousClock.now
  private var ages = Ages()

  init(
    _ place: Place, _ engine: Engine, _ people: CurrentPeople, _ options: Watcher.Options, log: LiveLog?,
    snapshots: SnapshotKeeper, board: LiveBoard,
    printer: LivePrinter, film: Film, record: String?
  ) throws {
    self.place = place
    self.film = film
    self.log = log
    self.snapshots = snapshots
    self.board = board
    self.printer = printer
    self.record = record
    watcher = Watcher(engine, people, source: place.logged, options: options)
    let (name, isFilm) = (place.name, place.source.kind == .film)
    camera = Camera(place.source, everyFrame: film.isFast) { state in
      guard !isFilm else { return }
      switch state.phase {
      case .waiting(let pause):
        Console.warn(
          "\(name): \(state.failure?.reason ?? "no picture"); trying again in \(pause < 1 ? "half a second" : "\(Int(pause)) s")"
        )
      case .running:
        Console.note("\(name): \(state.width)×\(state.height) pixels")
      case .connecting, .ended: break
      }
    }
  }

  /// Runs all, each on a thread of its own, and waits for their ends. Returns whether one has failed.
  static func runAll(_ views: [LiveView]) -> Bool {
    let group = DispatchGroup()
    let hasFailed = Guarded(false)
    for view in views {
      group.enter()
      let thread = Thread {
        do {
          try view.run()
        } catch let error as OutputError where error.exitStatus == 0 {
          // Nobody reads any more; so nobody needs the others either.
          for view in views { view.stop() }
        } catch {
          Console.error("\(view.place.name): \(error)")
          hasFailed.withLock { $0 = true }
        }
        view.camera.close()
        group.leave()
      }
      // Networks and decoders use more stack than a thread has by default.
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return hasFailed.withLock { $0 }
  }

  func stop() { camera.close() }

  private func run() throws {
    defer { board.remove(place.name) }
    var recorder: LiveRecorder?
    var filmBegin: Date?
    while let frame = try camera.next() {
      let time: Date
      if place.source.kind == .film {
        let begin = filmBegin ?? film.begin ?? Date(timeIntervalSinceNow: film.isFast ? -(frame.length ?? 0) : 0)
        filmBegin = begin
        time = begin + frame.position
      } else {
        time = frame.captured
      }
      let moment = try watcher.look(at: frame.image, time: time)
      try log?.append(moment.events)
      snapshots.take(moment, in: frame.image)
      let age = Date().timeIntervalSince(frame.captured)
      ages.add(age, isEvent: !moment.events.isEmpty)
      try printer.print(place.logged, time, film: place.source.kind == .film ? frame.position : nil, moment)
      board.show(place.name, moment, camera.state, age: age)
      if let record {
        if recorder == nil { recorder = try LiveRecorder(record, frame.image) }
        try recorder?.add(frame.image, moment.faces.map { $0.found.label(.identity) }, at: time)
      }
    }
    let last = watcher.finish()
    try log?.append(last)
    try printer.print(place.logged, last)
    try recorder?.finish()
  }

  /// What was looked at, for people.
  var summary: String {
    let state = camera.state
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    var parts = ["\(state.frames) picture\(state.frames == 1 ? "" : "s") looked at"]
    if seconds > 0 { parts[0] += " (\(tenths(Double(state.frames) / seconds)) a second)" }
    if state.dropped > 0 { parts.append("\(state.dropped) left out for newer ones") }
    if state.reconnects > 0 { parts.append("reconnected \(state.reconnects) times") }
    if !film.isFast, let age = ages.all {
      parts.append(
        "answers \(milliseconds(age.median)) after the picture (99 %: \(milliseconds(age.high)), at most \(milliseconds(ages.most)))"
      )
    }
    if !film.isFast, log != nil, let age = ages.events {
      parts.append("events on disk after \(milliseconds(age.median)) (99 %: \(milliseconds(age.high)))")
    }
    return "\(place.name): " + parts.joined(separator: ", ")
  }

  private func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
  private func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }

  /// How old pictures were when they had been looked at, in seconds.
  private struct Ages {
    /// Pictures of the last minutes are enough.
    private static let capacity = 20_000
    private var values: [Double] = []
    private var eventValues: [Double] = []
    private(set) var most = 0.0

    mutating func add(_ age: Double, isEvent: Bool) {
      most = max(most, age)
      Self.keep(age, in: &values)
      if isEvent { Self.keep(age, in: &eventValues) }
    }

    private static func keep(_ age: Double, in values: inout [Double]) {
      if values.count == capacity { values.removeFirst(capacity / 2) }
      values.append(age)
    }

    var all: (median: Double, high: Double)? { Self.quantiles(values) }
    var events: (median: Double, high: Double)? { Self.quantiles(eventValues) }

    private static func quantiles(_ values: [Double]) -> (median: Double, high: Double)? {
      let sorted = values.sorted()
      guard !sorted.isEmpty else { return nil }
      return (sorted[sorted.count / 2], sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }
  }
}

/// Writes a video of what was seen. Its pictures come at a steady rate, however the source's came.
private final class LiveRecorder {
  private static let rate = 25.0
  /// A longer gap in the source, in seconds, is cut out.
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
