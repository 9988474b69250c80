import Formats
import Foundation
import Mask
import Recognize
import Scenes
import TestResources
import Testing
import Video
import Vision

/// A film of somebody who comes to the door bare, stands there, puts a mask on, and goes: 8 seconds, 10 pictures a
/// second.
enum DoorFilm {
  static let shared = Result { try make() }

  private static let folder = Result { try TemporaryFolder() }

  private static func make() throws -> URL {
    let recognizer = try Recognizer(models: Models.find())
    let portrait = try Photo(decoding: Photo.read(Pictures.biden.path)).image
    let actor = try Actor(
      name: "Biden", portrait: portrait, recognizer: recognizer, covers: [.mask(.surgical, seed: 3)])
    let path = [
      Keyframe(time: 0, x: 0.3, y: 0.4, size: 110), Keyframe(time: 3, x: 0.5, y: 0.45, size: 130),
      Keyframe(time: 7, x: 0.52, y: 0.45, size: 130),
    ]
    let scene = Scene(
      width: 640, height: 480, rate: 10, duration: 8,
      roles: [Role(actor: actor, path: path, covers: [(from: 4, cover: .mask(.surgical, seed: 3))])])
    let file = try folder.get().url.appendingPathComponent("door.mp4")
    let writer = try VideoWriter(file.path, width: scene.width, height: scene.height, rate: scene.rate)
    for index in 0..<scene.frameCount { try writer.append(scene.frame(index).image) }
    try writer.finish()
    return file
  }
}

@Suite("Live on the command line", .serialized)
struct LiveCommandTests {
  private let folder: TemporaryFolder
  private let rollcall: Program
  private let film: String

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
    film = try DoorFilm.shared.get().path
  }

  private func enroll() throws {
    #expect(
      try rollcall("enroll", Pictures.biden.path, "--name", "Joe Biden", "--id", "46", "--consent", "yes").status == 0)
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func events(_ arguments: String...) throws -> [[String: Any]] {
    let result = try rollcall(arguments: ["attendance", "export", "--format", "jsonl"] + arguments)
    #expect(result.status == 0)
    return try objects(result.output)
  }

  @Test("a person comes, puts a mask on and goes: told as it happens, and in the log with the film's times")
  func log() throws {
    try enroll()
    let result = try rollcall(
      "live", film, "--camera", "front", "--fast", "--began", "2026-09-01T08:00:00Z")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first?.contains("Joe Biden (46) arrived, no mask") == true)
    #expect(lines.dropFirst().first?.contains("Joe Biden (46) now mask") == true)
    #expect(lines.last?.contains("Joe Biden (46) was last seen") == true)
    #expect(result.errors.contains("front: 80 pictures looked at"))

    let events = try events()
    #expect(events.map { $0["kind"] as? String } == ["arrival", "mask", "seen"])
    #expect(events.allSatisfy { $0["id"] as? String == "46" && $0["camera"] as? String == "front" })
    #expect(events.map { $0["mask"] as? String } == ["none", "mask", "mask"])
    let times = events.compactMap { $0["time"] as? String }
    #expect(times.allSatisfy { $0.hasPrefix("2026-09-01T08:00:0") })
    // Seven seconds were on the film: in at 8:00:00, the mask at second 4 and something, last seen at second 7.
    #expect(times.last.map { $0 > "2026-09-01T08:00:06.5" && $0 < "2026-09-01T08:00:07.5" } == true)
    let daily = try rollcall("attendance", "export", "--layout", "daily")
    #expect(daily.output.contains("46,Joe Biden"))
  }

  @Test("for programs there is an object for each face of each picture, with the keys of identify")
  func jsonl() throws {
    try enroll()
    let result = try rollcall("live", film, "--camera", "front", "--fast", "--format", "jsonl", "--no-attendance")
    #expect(result.status == 0)
    let faces = try objects(result.output)
    // 70 pictures show him.
    #expect(faces.count > 55 && faces.count <= 72)
    for face in faces {
      #expect(face["camera"] as? String == "front")
      #expect((face["box"] as? [Int])?.count == 4)
      #expect((face["mask"] as? [String: Any])?.keys.sorted() == ["label", "probabilities"])
      #expect(["time", "score", "identity", "status", "track", "position"].allSatisfy { face.keys.contains($0) })
    }
    let last = try #require(faces.last)
    #expect((last["identity"] as? [String: Any])?["name"] as? String == "Joe Biden")
    #expect((last["mask"] as? [String: Any])?["label"] as? String == "mask")
    #expect(Set(faces.compactMap { $0["track"] as? Int }) == [1])
    #expect(try events().isEmpty)
  }

  @Test("somebody who is not enrolled is in the log without a name")
  func stranger() throws {
    let result = try rollcall("live", film, "--fast")
    #expect(result.errors.contains("nobody is enrolled yet"))
    #expect(result.output.contains("somebody unknown arrived"))
    let events = try events()
    #expect(events.first?["status"] as? String == "unknown")
    #expect(events.first?["camera"] as? String == "door.mp4")
  }

  @Test("--record writes a film of the same length that can be read again")
  func record() throws {
    try enroll()
    let seen = folder.url.path + "/seen.avi"
    #expect(try rollcall("live", film, "--fast", "--no-attendance", "--record", seen).status == 0)
    let again = try rollcall("live", seen, "--fast", "--no-attendance")
    #expect(again.status == 0)
    // 8 seconds at 25 pictures a second.
    #expect(again.errors.contains(#/: (19[5-9]|20[0-5]) pictures looked at/#))
  }

  @Test("a film at its own speed takes its time, and --duration ends it before")
  func duration() throws {
    let clock = ContinuousClock()
    let time = try clock.measure {
      let result = try rollcall("live", film, "--no-attendance", "--duration", "2")
      #expect(result.status == 0)
    }
    #expect(time > .seconds(2))
    #expect(time < .seconds(60))
  }

  @Test("what happened before the program was killed is in the log")
  func killed() throws {
    try enroll()
    let process = try rollcall.start("live", film, "--camera", "front")
    // At its own speed the film takes eight seconds.
    #expect(eventually { process.output.contains("arrived") })
    Thread.sleep(forTimeInterval: 1.5)
    let killed = Date()
    process.kill()
    #expect(!process.output.contains("last seen"))
    let events = try events()
    #expect(events.first?["kind"] as? String == "arrival")
    #expect(events.allSatisfy { $0["id"] as? String == "46" })
    // The visit ends when the person was last seen: the way out is in the log too, once.
    let ends = try events.filter { $0["kind"] as? String == "seen" }.map {
      try Timestamp.parse(#require($0["time"] as? String), assuming: .gmt)
    }
    #expect(ends.count == 1)
    #expect(try abs(#require(ends.first).timeIntervalSince(killed)) < 2)
  }

  @Test("when nobody reads the output any more, the visit ends in the log all the same")
  func brokenOutput() throws {
    try enroll()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\"$0\" live \"$1\" --fast 2>/dev/null | head -n 1", Program.file.path, film]
    process.environment = rollcall.environment
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let kinds = try events().map { $0["kind"] as? String }
    #expect(kinds.first == "arrival" && kinds.last == "seen", "\(kinds)")
  }

  @Test("ctrl-c ends it as the film's end does")
  func interrupted() throws {
    try enroll()
    let process = try rollcall.start("live", film, "--camera", "front", "--fast")
    #expect(eventually { process.output.contains("arrived") })
    process.interrupt()
    #expect(process.wait() == 0)
    #expect(try events().map { $0["kind"] as? String }.last == "seen")
  }

  @Test("with --learn, the look behind the mask is kept, listed, and removed on request; without it, nothing is")
  func learning() throws {
    try enroll()
    #expect(try rollcall("live", film, "--fast").status == 0)
    #expect(try !rollcall("people", "show", "46").output.contains("learnt"))
    let result = try rollcall("live", film, "--fast", "--camera", "front", "--learn")
    #expect(result.errors.contains("1 look behind masks learnt"))
    #expect(try rollcall("people", "show", "46").output.contains("learnt    behind a mask at front"))
    let person = try #require(
      JSONSerialization.jsonObject(
        with: Data(rollcall("people", "show", "46", "--format", "json").output.utf8)) as? [String: Any])
    #expect((person["learnt"] as? [[String: Any]])?.map { $0["camera"] as? String } == ["front"])
    #expect((person["photos"] as? [Any])?.count == 1)
    #expect(person["templates"] as? Int == 1)
    #expect(try rollcall("people", "unlearn", "46").output == "1 learnt look removed\n")
    #expect(try !rollcall("people", "show", "46").output.contains("learnt"))
  }

  @Test("somebody who is forgotten while the camera watches is not known any more")
  func forgotten() throws {
    try enroll()
    let films = (0..<4).map { _ in film }
    let process = try rollcall.start(
      arguments: ["live", "--cooldown", "0"] + films.enumerated().map { "camera\($0)=\($1)" })
    #expect(eventually { process.output.contains("Joe Biden") })
    #expect(try rollcall("people", "forget", "46").status == 0)
    _ = process.wait()
    let log = try rollcall("attendance", "export")
    #expect(!log.output.contains("Joe Biden"))
    #expect(!log.output.contains(",46,"))
  }

  @Test(
    "what makes no sense is refused, with what to type instead",
    arguments: [
      (["live"], "SOURCE"),
      (["live", "ftp://camera/stream"], "rtsp://"),
      (["live", "0", "1", "--camera", "door"], "door=rtsp://"),
      (["live", "a=0", "a=1"], "two sources are called"),
      (["live", "0", "1", "--record", "out.mp4"], "--record"),
      (["live", "film.mp4", "--began", "yesterday"], "yesterday"),
    ])
  func refusals(arguments: [String], advice: String) throws {
    let result = try rollcall(arguments: arguments)
    #expect(result.status == 2)
    #expect(result.errors.contains(advice), "\(result.errors)")
  }

  @Test("a film that is missing is an error, and so is one that cannot be written")
  func missing() throws {
    let missing = try rollcall("live", "nowhere.mp4", "--no-attendance")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("nowhere.mp4"))
    let unwritable = try rollcall("live", film, "--fast", "--no-attendance", "--record", "/nowhere/out.mp4")
    #expect(unwritable.status == 1)
  }
}
