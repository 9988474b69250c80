import Foundation
import Mask
import Recognize
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Snapshots of a live view")
struct LiveSnapshotTests {
  private let folder: TemporaryFolder
  private let rollcall: Program
  private let recognizer: Recognizer
  private let film: String

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
    recognizer = try Recognizer(models: Models.find())
    film = try DoorFilm.shared.get().path
    let enrolled = try rollcall("enroll", Pictures.biden.path, "--name", "Joe", "--id", "7", "--consent", "yes")
    try #require(enrolled.status == 0, "\(enrolled.errors)")
  }

  /// The ids of the log's events, by kind.
  private func events() throws -> [String: [String]] {
    var ids: [String: [String]] = [:]
    for line in try rollcall("attendance", "export", "--format", "jsonl").output.split(separator: "\n") {
      let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      ids[try #require(event["kind"] as? String), default: []].append(try #require(event["event"] as? String))
    }
    return ids
  }

  @Test("arrival and change of the mask have a picture of the head, which a void event keeps and forgetting removes")
  func kept() throws {
    let live = try rollcall("live", film, "--fast", "--snapshots", "30")
    #expect(live.status == 0, "\(live.errors)")
    #expect(live.errors.contains("2 snapshots kept"))
    let events = try events()
    #expect(events.mapValues(\.count) == ["arrival": 1, "mask": 1, "seen": 1])
    let arrival = try #require(events["arrival"]?.first)
    #expect(try rollcall("attendance", "void", arrival, "--by", "Ann", "--reason", "a try").status == 0)
    for (kind, covers) in [("arrival", [MaskLabel.none]), ("mask", [.mask])] {
      let file = folder.url.appendingPathComponent("\(kind).jpg")
      let id = try #require(events[kind]?.first)
      let written = try rollcall("attendance", "snapshot", id, "--output", file.path)
      #expect(written.status == 0, "\(written.errors)")
      let data = try Data(contentsOf: file)
      #expect(data.starts(with: [0xFF, 0xD8, 0xFF]))
      let picture = try Photo(decoding: data).image
      #expect(max(picture.width, picture.height) <= 320 && min(picture.width, picture.height) > 100)
      let faces = try recognizer.faces(in: picture)
      #expect(faces.count == 1)
      let labels = try MaskClassifier(models: Models.find()).classify(faces.map(\.landmarks), in: picture)
      #expect(labels.map(\.likeliest) == covers, "\(kind)")
    }
    // The end of a visit shows nothing new.
    let seen = try rollcall("attendance", "snapshot", try #require(events["seen"]?.first))
    #expect(seen.status == 1 && seen.errors.contains("there is no snapshot of the event"))

    let forgotten = try rollcall("people", "forget", "7")
    #expect(forgotten.status == 0)
    #expect(forgotten.output.contains(" 2 snapshots removed, 0 references left"))
    let gone = try rollcall("attendance", "snapshot", arrival, "--output", folder.url.path + "/gone.jpg")
    #expect(gone.status == 1)
    #expect(gone.errors.contains("the person was forgotten") && gone.errors.contains("attendance list"))
    #expect(!FileManager.default.fileExists(atPath: folder.url.path + "/gone.jpg"))
  }

  @Test("no picture is kept unless asked for, nor for longer than a year, nor of what is not logged")
  func off() throws {
    let live = try rollcall("live", film, "--fast")
    #expect(live.status == 0 && !live.errors.contains("snapshot"))
    let arrival = try #require(try events()["arrival"]?.first)
    #expect(try rollcall("attendance", "snapshot", arrival).status == 1)
    for days in ["0", "366", "for ever"] {
      #expect(try rollcall("live", film, "--fast", "--snapshots", days).status == 2)
    }
    let unlogged = try rollcall("live", film, "--fast", "--snapshots", "3", "--no-attendance")
    #expect(unlogged.status == 2 && unlogged.errors.contains("leave out --no-attendance"))
  }

  @Test("a film that is older than pictures are kept leaves none")
  func old() throws {
    let live = try rollcall("live", film, "--fast", "--snapshots", "3", "--began", "2020-01-01T08:00")
    #expect(live.status == 0)
    #expect(live.errors.contains("2 snapshots not kept: the film is older"))
    #expect(try events().values.joined().count == 3)
  }
}

@Suite("How long snapshots are kept")
struct SnapshotRetentionTests {
  @Test("any command that reads the log removes what is too old")
  func retention() throws {
    let folder = try TemporaryFolder()
    let data = folder.url.appendingPathComponent("data")
    let rollcall = Program(data: data)
    let store = try Store.open(.embedded(dataFolder: data))
    defer { store.close() }
    func keep(_ id: String, expires: Date) throws {
      let event = Event(
        id: id, kind: .arrival, time: Date() - 9, source: .camera("door"), personID: nil, status: .unknown,
        box: Rect(x: 0, y: 0, width: 1, height: 1))
      #expect(try store.keep(Snapshot(of: event, expires: expires), jpeg: Data("bytes".utf8)))
    }
    try keep("old", expires: Date() - 1)
    try keep("new", expires: Date() + 600)
    #expect(try rollcall("attendance", "list").status == 0)
    #expect(try store.removeExpiredSnapshots() == 0)
    #expect(try rollcall("attendance", "snapshot", "old").status == 1)
    let file = folder.url.path + "/new.jpg"
    #expect(try rollcall("attendance", "snapshot", "new", "--output", file).status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("bytes".utf8))
  }
}
