import Enroll
import Formats
import Foundation
import HTTP
import Live
import Posix
import Store
import Video
import Vision

/// The cameras that the server watches itself, and those that browsers lend it.
///
/// `@unchecked Sendable`: all that changes is only touched with `lock` locked.
final class Cameras: @unchecked Sendable {
  /// What the cameras need to work.
  struct Parts: Sendable {
    let engine: Engine
    let people: CurrentPeople
    let options: Watcher.Options
    /// Films begin again when they end.
    let loops: Bool
    /// Takes what belongs into the log: when it returns, it is on disk.
    let record: @Sendable ([Sighting]) throws -> Void
    let snapshots: SnapshotKeeper
    let feed: LiveFeed
    /// Tells everybody what happened.
    let announce: @Sendable ([Sighting]) -> Void
    let report: @Sendable (String) -> Void
    let timeZone: TimeZone

    /// What was seen in a picture: into the log first, then to whoever wants to know.
    fileprivate func take(_ moment: Watcher.Moment, _ image: Image, time: Date, camera: String) throws {
      try log(moment.events)
      snapshots.take(moment, in: image)
      feed.show(camera, image, Cameras.json(moment, image, time: time, camera: camera, zone: timeZone))
    }

    fileprivate func log(_ events: [Sighting]) throws {
      try record(events)
      announce(events)
    }
  }

  /// Why a camera was not added.
  enum Refusal: Error, CustomStringConvertible {
    case exists

    var description: String { "there is a camera of this name already" }
  }

  private let parts: Parts
  private let lock = NSLock()
  private var watched: [String: WatchedCamera] = [:]
  private var lent: [String: LentCamera] = [:]
  private var isClosed = false
  private let sweeper: any DispatchSourceTimer

  init(_ parts: Parts) {
    self.parts = parts
    sweeper = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "cameras"))
    sweeper.setEventHandler { [weak self] in self?.sweep() }
    sweeper.schedule(deadline: .now() + 1, repeating: 1)
    sweeper.resume()
  }

  /// Begins to watch a source.
  ///
  /// - Throws: `Refusal`, when there is a camera of this name.
  func add(_ name: String, _ source: VideoSource) throws {
    let camera = try lock.withLock {
      guard watched[name] == nil, lent[name] == nil, !isClosed else { throw Refusal.exists }
      let camera = WatchedCamera(name, source, parts)
      watched[name] = camera
      return camera
    }
    camera.start()
    tell()
  }

  /// Whether the server watches a camera of this name itself.
  func isWatched(_ name: String) -> Bool { lock.withLock { watched[name] != nil } }

  /// Stops watching; what its last visits were is logged. A camera that is not there is none to stop.
  func remove(_ name: String) {
    lock.withLock { watched.removeValue(forKey: name) }?.stop()
    tell()
  }

  /// Looks at a picture that a browser's camera took.
  ///
  /// - Throws: `Refusal`, when the server watches a camera of this name itself; and what looking throws.
  func look(at image: Image, from name: String) throws -> Watcher.Moment {
    while true {
      let (camera, isNew) = try lock.withLock {
        guard watched[name] == nil, !isClosed else { throw Refusal.exists }
        let (camera, isNew) = lent[name].map { ($0, false) } ?? (LentCamera(name, parts), true)
        lent[name] = camera
        return (camera, isNew)
      }
      if isNew { tell() }
      // One that was swept away just now looks at nothing more; the next one takes its place.
      if let moment = try camera.look(at: image) { return moment }
    }
  }

  /// All cameras, by name.
  var states: [CameraState] {
    let (watched, lent) = lock.withLock { (Array(self.watched.values), Array(self.lent.values)) }
    return (watched.map(\.state) + lent.map(\.state)).sorted { $0.name < $1.name }
  }

  /// Ends all of them, and logs their last visits.
  func close() {
    sweeper.cancel()
    let (watched, lent) = lock.withLock {
      isClosed = true
      defer { (self.watched, self.lent) = ([:], [:]) }
      return (Array(self.watched.values), Array(self.lent.values))
    }
    for camera in watched { camera.stop() }
    for camera in lent { camera.finish() }
  }

  /// The cameras as the feed tells them.
  var event: ServerEvent {
    ServerEvent(name: "cameras", data: JSONValue.array(states.map(\.json)).text())
  }

  private func tell() { parts.feed.tell(event) }

  /// A browser that says nothing more has gone.
  private func sweep() {
    // Not with the lock held: a camera that looks at a picture just now answers when it is done.
    let gone = lock.withLock { lent }.filter { $0.value.isSilent }
    lock.withLock {
      for (name, camera) in gone where lent[name] === camera { lent[name] = nil }
    }
    for camera in gone.values { camera.finish() }
    tell()
  }
}

/// What is told of a camera.
struct CameraState: Sendable {
  enum Kind: String, Sendable {
    case source
    case browser
  }

  let name: String
  let kind: Kind
  /// Without user name and password; nil for a browser's.
  let source: String?
  let phase: String
  var width = 0
  var height = 0
  var rate: Double?
  var dropped = 0
  var reconnects = 0
  var faces = 0
  var failure: String?

  var json: JSONValue {
    [
      "name": .string(name), "kind": .string(kind.rawValue), "source": .optional(source), "phase": .string(phase),
      "width": .int(width), "height": .int(height), "framesPerSecond": .optional(rate.map { ($0 * 10).rounded() / 10 }),
      "dropped": .int(dropped), "reconnects": .int(reconnects), "faces": .int(faces), "failure": .optional(failure),
    ]
  }
}

/// Pictures a second, over the last seconds.
private struct Rate {
  private static let span: Duration = .seconds(3)
  private var times: [ContinuousClock.Instant] = []

  mutating func note() {
    let now = ContinuousClock.now
    times.append(now)
    if let first = times.firstIndex(where: { now - $0 <= Self.span }), first > 0 { times.removeFirst(first) }
  }

  /// nil before there is something to count.
  var perSecond: Double? {
    let now = ContinuousClock.now
    let recent = times.filter { now - $0 <= Self.span }
    guard let first = recent.first, recent.count > 1 else { return nil }
    return Double(recent.count - 1) / max(0.1, (now - first) / .seconds(1))
  }
}

/// A source that the server watches, on a thread of its own.
///
/// `@unchecked Sendable`: the thread alone touches `watcher`; what others read is guarded.
private final class WatchedCamera: @unchecked Sendable {
  private let name: String
  private let source: VideoSource
  private let parts: Cameras.Parts
  private let watcher: Watcher
  private struct Now {
    var camera: Camera
    var rate = Rate()
    var faces = 0
    var isStopped = false
  }
  private let now: Guarded<Now>
  private let done = DispatchSemaphore(value: 0)

  init(_ name: String, _ source: VideoSource, _ parts: Cameras.Parts) {
    (self.name, self.source, self.parts) = (name, source, parts)
    watcher = Watcher(parts.engine, parts.people, source: .camera(name), options: parts.options)
    now = Guarded(Now(camera: Camera(source)))
  }

  func start() {
    let thread = Thread { [self] in
      do {
        try run()
      } catch {
        parts.report("\(name): \(error)")
      }
      // Also where looking has failed: nobody reads the source any more.
      now.withLock { $0.camera.close() }
      done.signal()
    }
    // Networks and decoders use more stack than a thread has by default.
    thread.stackSize = 8 << 20
    thread.name = "camera"
    thread.start()
  }

  func stop() {
    now.withLock {
      $0.isStopped = true
      $0.camera.close()
    }
    done.wait()
  }

  var state: CameraState {
    let (state, rate, faces) = now.withLock { ($0.camera.state, $0.rate.perSecond, $0.faces) }
    let phase =
      switch state.phase {
      case .connecting: "connecting"
      case .running: "running"
      case .waiting: "waiting"
      case .ended: "ended"
      }
    return CameraState(
      name: name, kind: .source, source: source.name, phase: phase, width: state.width, height: state.height,
      rate: rate, dropped: state.dropped, reconnects: state.reconnects, faces: state.phase == .running ? faces : 0,
      failure: state.failure.map { "\($0.reason). \($0.advice)" })
  }

  private func run() throws {
    while true {
      let camera = now.withLock { $0.camera }
      while let frame = try camera.next() {
        let moment = try watcher.look(at: frame.image, time: frame.captured)
        try parts.take(moment, frame.image, time: frame.captured, camera: name)
        now.withLock {
          $0.rate.note()
          $0.faces = moment.faces.count
        }
      }
      let beginsAgain = now.withLock {
        guard !$0.isStopped, source.kind == .film, parts.loops else { return false }
        // A film that begins again is a new source.
        $0.camera = Camera(source)
        return true
      }
      guard beginsAgain else { break }
    }
    try parts.log(watcher.finish())
  }
}

/// A browser's camera, which exists as long as pictures come from it.
///
/// `@unchecked Sendable`: all that changes is only touched with `lock` locked.
private final class LentCamera: @unchecked Sendable {
  private static let patience: Duration = .seconds(10)
  private let name: String
  private let parts: Cameras.Parts
  private let lock = NSLock()
  private let watcher: Watcher
  private var rate = Rate()
  private var last = ContinuousClock.now
  private var size = (width: 0, height: 0)
  private var faces = 0
  private var isOver = false

  init(_ name: String, _ parts: Cameras.Parts) {
    (self.name, self.parts) = (name, parts)
    watcher = Watcher(parts.engine, parts.people, source: .camera(name), options: parts.options)
  }

  var isSilent: Bool { lock.withLock { .now - last > Self.patience } }

  /// - Returns: nil when the camera has been let go.
  func look(at image: Image) throws -> Watcher.Moment? {
    try lock.withLock {
      guard !isOver else { return nil }
      let time = Date()
      let moment = try watcher.look(at: image, time: time)
      try parts.take(moment, image, time: time, camera: name)
      rate.note()
      last = .now
      (size, faces) = ((image.width, image.height), moment.faces.count)
      return moment
    }
  }

  func finish() {
    lock.withLock {
      isOver = true
      do {
        try parts.log(watcher.finish())
      } catch {
        parts.report("\(name): \(error)")
      }
    }
  }

  var state: CameraState {
    lock.withLock {
      CameraState(
        name: name, kind: .browser, source: nil, phase: size.width > 0 ? "running" : "connecting", width: size.width,
        height: size.height, rate: rate.perSecond, faces: faces)
    }
  }
}

extension Cameras {
  /// A face with the number of its track.
  static func json(_ face: LiveFace) -> JSONValue {
    face.found.json(.identity, more: [.init("track", .int(face.track))])
  }

  /// What the feed says of a picture.
  fileprivate static func json(_ moment: Watcher.Moment, _ image: Image, time: Date, camera: String, zone: TimeZone)
    -> [JSONValue.Member]
  {
    [
      .init("camera", .string(camera)), .init("time", .string(Timestamp.string(from: time, in: zone))),
      .init("width", .int(image.width)), .init("height", .int(image.height)),
      .init("age", .double((max(0, Date().timeIntervalSince(time)) * 1000).rounded() / 1000)),
      .init("faces", .array(moment.faces.map(json))),
    ]
  }
}
