import Dispatch
import Faces
import Formats
import Foundation
import HTTP
import Live
import Video
import Vision

/// The cameras that the server watches, and the cameras of browsers.
///
/// `@unchecked Sendable`: all mutable state is only accessed with `lock` locked.
final class Cameras: @unchecked Sendable {
  /// The services that the cameras use.
  struct Parts: Sendable {
    let engine: FaceEngine
    let roster: SharedRoster
    let options: Tracker.Options
    /// Whether films begin again when they end.
    let loops: Bool
    /// The listeners of every picture, in the order in which they are called: event keepers, snapshots, displays.
    let listeners: [any CameraListener]
    let feed: LiveFeed
    let report: @Sendable (String) -> Void
  }

  /// The camera was not added, because another camera has this name.
  struct NameTaken: Error, CustomStringConvertible {
    let description = "there is a camera of this name already"
  }

  private let parts: Parts
  private let lock = NSLock()
  private var watched: [String: SourceSession] = [:]
  private var lent: [String: BrowserCamera] = [:]
  private var isClosed = false
  private let sweeper: any DispatchSourceTimer

  init(_ parts: Parts) {
    self.parts = parts
    sweeper = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "cameras"))
    sweeper.setEventHandler { [weak self] in self?.sweep() }
    sweeper.schedule(deadline: .now() + 1, repeating: 1)
    sweeper.resume()
  }

  /// Starts watching a source.
  ///
  /// - Throws: `NameTaken` if another camera has this name.
  func add(_ name: String, _ source: VideoSource) throws {
    let session = try lock.withLock {
      guard watched[name] == nil, lent[name] == nil, !isClosed else { throw NameTaken() }
      var playback = SourceSession.Playback()
      playback.loops = parts.loops
      let session = SourceSession(
        name, source, parts.engine, parts.roster, options: parts.options, playback: playback,
        listeners: parts.listeners)
      watched[name] = session
      return session
    }
    let report = parts.report
    session.start { error in
      if let error { report("\(name): \(error)") }
    }
    sendStates()
  }

  /// Whether the server watches a camera with this name itself.
  func isWatched(_ name: String) -> Bool { lock.withLock { watched[name] != nil } }

  /// Stops watching a camera and logs the ends of its visits. Does nothing if there is no such camera.
  func remove(_ name: String) {
    if let session = lock.withLock({ watched.removeValue(forKey: name) }) {
      session.stop()
      session.wait()
    }
    sendStates()
  }

  /// Processes a picture of a browser's camera.
  ///
  /// - Throws: `NameTaken` if the server watches a camera with this name itself, and the errors of processing.
  func look(at image: Image, from name: String) throws -> Observation {
    while true {
      let (camera, isNew) = try lock.withLock {
        guard watched[name] == nil, !isClosed else { throw NameTaken() }
        if let camera = lent[name] { return (camera, false) }
        let camera = BrowserCamera(
          CameraSession(name, parts.engine, parts.roster, options: parts.options, listeners: parts.listeners))
        lent[name] = camera
        return (camera, true)
      }
      if isNew { sendStates() }
      // A camera that was just swept away processes no pictures. The next pass creates another one in its place.
      if let observation = try camera.look(at: image) { return observation }
    }
  }

  /// The states of all cameras, by name.
  var states: [CameraState] {
    let (watched, lent) = lock.withLock { (Array(self.watched.values), Array(self.lent.values)) }
    return (watched.map { CameraState($0) } + lent.map(\.state)).sorted { $0.name < $1.name }
  }

  /// Ends all cameras and logs the ends of their visits.
  func close() {
    sweeper.cancel()
    let (watched, lent) = lock.withLock {
      isClosed = true
      defer { (self.watched, self.lent) = ([:], [:]) }
      return (Array(self.watched.values), self.lent)
    }
    for session in watched { session.stop() }
    for session in watched { session.wait() }
    for (name, camera) in lent { finish(camera, name) }
  }

  /// The states of all cameras as an event for the feed.
  var event: ServerEvent {
    ServerEvent(name: "cameras", data: JSONValue.array(states.map(\.json)).text())
  }

  private func sendStates() { parts.feed.send(event) }

  /// Ends the cameras of browsers that have stopped sending pictures.
  private func sweep() {
    // The lock is released first, because `isSilent` waits while a camera processes a picture.
    let gone = lock.withLock { lent }.filter { $0.value.isSilent }
    lock.withLock {
      for (name, camera) in gone where lent[name] === camera { lent[name] = nil }
    }
    for (name, camera) in gone { finish(camera, name) }
    sendStates()
  }

  private func finish(_ camera: BrowserCamera, _ name: String) {
    do {
      try camera.finish()
    } catch {
      parts.report("\(name): \(error)")
    }
  }
}
