import Attendance
import Foundation
import Posix
import Store
import TestResources
import Testing
import Values
import Vision

@testable import Live

/// What the log gets when the disk or the process fails.
@Suite("Keeping events", .serialized)
struct EventKeeperTests {
  private let folder: TemporaryFolder
  private let image: Image

  init() throws {
    folder = try TemporaryFolder()
    image = try Image(rgb: [UInt8](repeating: 0, count: 64 * 64 * 3), width: 64, height: 64)
  }

  private func event(_ id: String, _ kind: Event.Kind, at second: Double) -> TrackedEvent {
    TrackedEvent(
      track: 1,
      event: Event(
        id: id, kind: kind, time: Date(timeIntervalSince1970: 1_800_000_000 + second), source: .camera("door"),
        personID: "ann", status: .known, method: .face, confidence: 0.99, box: Rect(x: 1, y: 1, width: 9, height: 9)))
  }

  private func observation(_ events: [TrackedEvent], open: [TrackedEvent] = []) -> Observation {
    Observation(
      camera: "door", image: image, time: Date(), captured: Date(), position: nil, faces: [], events: events,
      open: open, learnt: [])
  }

  /// A spool whose disk can be full, and what it has delivered.
  private func spool(_ isFull: Guarded<Bool>, _ delivered: Guarded<[String]>) throws -> Spool {
    var options = Spool.Options()
    options.firstPause = 0.01
    options.sync = { file in
      guard isFull.withLock({ $0 }) else { return fsync(file) }
      errno = ENOSPC
      return -1
    }
    let spool = try Spool(dataFolder: folder.url, destination: "test", options: options) { events in
      delivered.withLock { $0 += events.map { "\($0.kind) \($0.id)" } }
    }
    spool.start()
    return spool
  }

  @Test("a disk that is full for a while delays events; none is lost, none comes twice, and the camera goes on")
  func full() throws {
    let (isFull, delivered, reports) = (Guarded(false), Guarded([String]()), Guarded([String]()))
    let spool = try spool(isFull, delivered)
    let keeper = EventKeeper(spool) { text in reports.withLock { $0.append(text) } }
    keeper.session("door", observed: observation([event("1", .arrival, at: 0)]))
    isFull.withLock { $0 = true }
    keeper.session("door", observed: observation([event("2", .mask, at: 1)]))
    keeper.session("door", observed: observation([event("3", .mask, at: 2)]))
    isFull.withLock { $0 = false }
    try keeper.session("door", ended: [event("4", .seen, at: 3)])
    #expect(spool.close(timeout: 30).waiting == 0)
    #expect(delivered.withLock { $0 } == ["arrival 1", "mask 2", "mask 3", "seen 4"])
    let said = reports.withLock { $0 }
    #expect(said.count == 2 && said[0].contains("No space left") && said[1].contains("again"), "\(said)")
    #expect(!said.joined().contains("ann"))
  }

  @Test("the end of a session waits for the disk, and says when that was in vain")
  func hopeless() throws {
    let isFull = Guarded(true)
    let keeper = EventKeeper(try spool(isFull, Guarded([])), patience: .milliseconds(300)) { _ in }
    #expect(throws: SpoolError.self) { try keeper.session("door", ended: [event("1", .seen, at: 3)]) }
  }

  @Test("an event that no disk takes does not hold back the others")
  func impossible() throws {
    let delivered = Guarded([String]())
    let spool = try spool(Guarded(false), delivered)
    let keeper = EventKeeper(spool) { _ in }
    let events = [event("1", .arrival, at: 0), event("2", .mask, at: 1e12), event("3", .seen, at: 2)]
    keeper.session("door", observed: observation(events))
    #expect(spool.close(timeout: 30).waiting == 0)
    #expect(delivered.withLock { $0 } == ["arrival 1", "seen 3"])
  }

  @Test("the open visits are on disk as they would end now, and gone when they have ended")
  func checkpoint() throws {
    let spool = try spool(Guarded(false), Guarded([]))
    let keeper = EventKeeper(spool) { _ in }
    func files() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).filter { $0.hasSuffix("-open.jsonl") }
    }
    keeper.session("door", observed: observation([], open: [event("1", .seen, at: 3)]))
    let file = try #require(files().first)
    func text() throws -> String {
      try String(contentsOf: folder.url.appendingPathComponent(file), encoding: .utf8)
    }
    let first = try text()
    #expect(first.contains("\"seen\""))
    // Not more often than twice a second.
    keeper.session("door", observed: observation([], open: [event("1", .seen, at: 3.1)]))
    #expect(try text() == first)
    Thread.sleep(forTimeInterval: 0.6)
    // What was not due then is written now, although it is the same.
    keeper.session("door", observed: observation([], open: [event("1", .seen, at: 3.1)]))
    #expect(try text() != first)
    keeper.session("door", observed: observation([], open: [event("1", .seen, at: 3.7)]))
    #expect(try text() != first)
    try keeper.session("door", ended: [event("1", .seen, at: 3.8)])
    #expect(try files().isEmpty)
    spool.close(timeout: 30)
  }
}
