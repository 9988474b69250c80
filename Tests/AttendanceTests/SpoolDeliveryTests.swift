import Foundation
import TestResources
import Testing

@testable import Attendance
@testable import Store

@Suite("Delivery from the spool")
struct SpoolDeliveryTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("while the database is away events wait on disk, and when it is back all arrive in order and leave the disk")
  func databaseAway() throws {
    let database = Database(away: true)
    let reports = Log()
    let spool = try database.spool(folder) { reports.add($0.failure ?? "well: \($0.delivered)") }
    spool.start()
    let events = events("e", 1200)
    for start in stride(from: 0, to: 1200, by: 100) { try spool.append(Array(events[start..<(start + 100)])) }
    #expect(eventually { database.attempts > 3 })
    #expect(spool.state.waiting == 1200)
    #expect(spool.state.failure == "Recording sightings failed: nobody answers. Wait.")
    #expect(spool.close(timeout: 0.05).waiting == 1200)
    #expect(!folder.spooled.isEmpty)
    #expect(throws: SpoolError.self) { try spool.append([event("late")]) }

    let next = try database.spool(folder) { reports.add($0.failure ?? "well: \($0.delivered)") }
    next.start()
    database.isAway = false
    try next.append([event("later")])
    #expect(eventually { next.state.waiting == 0 })
    #expect(next.state == Spool.State(delivered: 1201))
    #expect(database.events == events + [event("later")])
    #expect(folder.spooled.isEmpty)
    #expect(reports.texts.contains("Recording sightings failed: nobody answers. Wait."))
    #expect(eventually { reports.texts.last == "well: 1201" })
    next.close(timeout: 1)
    #expect(folder.spoolFiles.isEmpty)
    // Only the folder's own lock.
    #expect(try SpoolFolder(at: SpoolFolder.all(in: folder.url)[0]).names() == ["lock"])
  }

  @Test("segments bound what the disk holds: each goes as soon as it is delivered")
  func segments() throws {
    var options = quick
    options.segmentSize = 2000
    options.batch = 7
    let database = Database(away: true)
    let spool = try database.spool(folder, options)
    let early = events("e", 300)
    for event in early { try spool.append([event]) }
    #expect(folder.segments.count > 20)
    database.isAway = false
    spool.start()
    #expect(eventually { spool.state.waiting == 0 })
    #expect(folder.segments.count == 1)
    #expect(folder.spooled.isEmpty)
    for event in events("later", 1000) {
      try spool.append([event])
      #expect(folder.spooled.count < 2_000_000)
    }
    #expect(spool.close(timeout: 60).delivered == 1300)
    #expect(database.events == early + events("later", 1000))
  }

  @Test("an event that the database never takes is set aside and does not keep back the others")
  func refused() throws {
    let database = Database { $0.id.hasPrefix("bad") }
    let spool = try database.spool(folder)
    let good = events("good", 20)
    try spool.append(good.prefix(7) + [event("bad1")] + good[7..<15] + [event("bad2")] + good[15...])
    spool.start()
    let state = spool.close(timeout: 60)
    #expect(database.events == good)
    #expect(state.delivered == 20 && state.refused == 2 && state.waiting == 0)
    #expect(state.refusal == "Storing failed: it is not allowed. Correct it.")
    #expect(folder.spoolFiles.map(\.lastPathComponent) == ["refused.jsonl"])
    #expect(folder.spooled == (try content([event("bad1"), event("bad2")])))
  }
}
