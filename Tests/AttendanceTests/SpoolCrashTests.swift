import Foundation
import TestResources
import Testing

@testable import Attendance
@testable import Store

/// No event is lost, whoever is killed, and when. Real processes, a real mongod, real kills.
@Suite("The spool when processes are killed", .serialized)
struct SpoolCrashTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func enroll() throws {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    for id in ["7", "8"] {
      _ = try store.addTemplates(
        [], personID: id, name: id, consent: Consent(text: "yes", date: Date(timeIntervalSince1970: 0)))
    }
  }

  private var mongod: pid_t? {
    guard let text = try? String(contentsOf: folder.url.appending(path: "db/data/mongod.lock"), encoding: .utf8) else {
      return nil
    }
    return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Kills mongod; the next one is another process.
  private func killMongod() throws {
    let process = try #require(mongod)
    #expect(kill(process, SIGKILL) == 0)
  }

  /// How the database differs from the events that were acknowledged.
  private struct Difference: Equatable {
    var lost: Set<String> = []
    var twice: Set<String> = []
    var changed: Set<String> = []
  }

  /// Looks into the database and compares what is there with the `acknowledged` events.
  private func difference(_ acknowledged: [String]) throws -> Difference {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    var difference = Difference(lost: Set(acknowledged))
    var seen: Set<String> = []
    try store.forEachEvent { event in
      if !seen.insert(event.id).inserted { difference.twice.insert(event.id) }
      difference.lost.remove(event.id)
      let number = Int(event.id.drop { !$0.isNumber }) ?? 0
      let person: String? = number % 3 == 0 ? "7" : number % 3 == 1 ? "8" : nil
      if event.personID != person || event.time != Date(timeIntervalSince1970: 1_750_000_000 + Double(number)) {
        difference.changed.insert(event.id)
      }
    }
    return difference
  }

  private func delivered(_ process: SpoolProcess) -> Int {
    process.lines.last { $0.hasPrefix("delivered ") }.flatMap { Int($0.dropFirst("delivered ".count)) } ?? 0
  }

  @Test(
    "mongod is killed during 10,000 events, then Rollcall while it writes and replays: every event is there once"
  )
  func killed() throws {
    try enroll()
    let first = try SpoolProcess("deliver", folder.url, "e-", 10_000)
    #expect(eventually { first.acknowledged("e-").count > 2000 && delivered(first) > 0 })
    let victim = mongod
    try killMongod()
    #expect(eventually { first.lines.contains("filled") })
    // The database was started again, and takes events, unless it has all of them already.
    let before = delivered(first)
    #expect(eventually { delivered(first) > before || delivered(first) >= 10_000 })
    #expect(mongod != victim)
    try killMongod()
    try first.more()
    #expect(eventually { first.acknowledged("e-").count > 11_000 })
    first.kill()
    let acknowledged = first.acknowledged("e-")
    #expect(Set(acknowledged).count == acknowledged.count && acknowledged.count > 11_000)
    #expect(folder.spooled.count > 200_000)

    // Killed twice more, in the middle of the replay.
    for _ in 0..<2 {
      let replay = try SpoolProcess("deliver", folder.url, "none-", 0)
      #expect(eventually { delivered(replay) >= 1000 })
      #expect(replay.isRunning)
      replay.kill()
      #expect(folder.spooled.count > 100_000)
    }

    let last = try SpoolProcess("deliver", folder.url, "none-", 0)
    try last.finish()
    // The delivering thread may print after it.
    #expect(eventually { last.lines.contains("closed 0") })
    #expect(folder.spoolFiles.isEmpty)
    #expect(try difference(acknowledged) == Difference())
  }

  @Test("the check above finds an event that was taken out of the spool, and one that was never in it")
  func probe() throws {
    try enroll()
    let writer = try SpoolProcess("away", folder.url, "e-", 100)
    #expect(eventually { writer.lines.contains("filled") })
    writer.kill()
    let acknowledged = writer.acknowledged("e-")
    #expect(acknowledged.count == 100)

    let segment = try #require(folder.segments.first)
    var lines = String(decoding: try Data(contentsOf: segment), as: UTF8.self).split(separator: "\n")
    lines.remove(at: try #require(lines.firstIndex { $0.contains("\"e-50\"") }))
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: segment)

    let replay = try SpoolProcess("deliver", folder.url, "none-", 0)
    try replay.finish()
    #expect(try difference(acknowledged + ["e-1000"]) == Difference(lost: ["e-50", "e-1000"]))
  }
}
