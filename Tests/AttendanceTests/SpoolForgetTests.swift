import Formats
import Foundation
import TestResources
import Testing
import Values

@testable import Attendance
@testable import Store

@Suite("Forgetting in the spool")
struct SpoolForgetTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Whether any file of the spool holds the text.
  private func isHeld(_ text: String) -> Bool {
    folder.spooled.range(of: Data(text.utf8)) != nil
  }

  private func forgotten(_ event: Event) -> Event {
    Event(
      id: event.id, time: event.time, source: event.source, personID: nil, status: .forgotten,
      method: event.method, confidence: event.confidence, box: event.box, mask: event.mask,
      recorded: event.recorded)
  }

  @Test(
    "waiting events of the person stay without the ID, all others as they are, and nothing holds the ID any more",
    arguments: ["person-1042", "7", "a \"quoted\" \\ id", "xx", "ü🙂"])
  func waiting(id: String) throws {
    let database = Database(away: true)
    let spool = try database.spool(folder)
    let events = [
      event("a"), event("b", of: id), event("c", of: "someone"), event("d", of: id), event("e", of: id + "0"),
    ]
    try spool.append(events)
    #expect(SpoolLine.holds(id, try SpoolLine.encode(events[1])))
    #expect(try Spool.forget(id: id, dataFolder: folder.url) == Spool.Forgotten(events: 2, remaining: 0))
    #expect(!isHeld(JSONValue.string(id).text()))
    #expect(try Spool.forget(id: id, dataFolder: folder.url) == Spool.Forgotten(events: 0, remaining: 0))
    database.isAway = false
    spool.start()
    #expect(spool.close(timeout: 60).delivered == 5)
    #expect(
      database.events == [
        events[0], forgotten(events[1]), events[2], forgotten(events[3]), events[4],
      ])
  }

  @Test("a text that is the ID and is no person's is reported as left, so that zero is a proof")
  func proof() throws {
    let spool = try Database(away: true).spool(folder)
    defer { spool.close(timeout: 0) }
    try spool.append([event("door", of: "8"), event("e", of: "door")])
    // Both are seen by the camera “door”, and one has “door” as its own ID.
    #expect(try Spool.forget(id: "door", dataFolder: folder.url) == Spool.Forgotten(events: 1, remaining: 2))
  }

  @Test("refused, damaged and half written lines, and half a file of a stopped rewriting, lose the ID as well")
  func setAside() throws {
    let lines = try [event("bad", of: "person-1"), event("hurt", of: "person-1"), event("half", of: "person-1")]
      .map { try content([$0]) }
    var hurt = lines[1]
    hurt[20] ^= 1
    let stranger = #"{"v":9,"who":"person-1","with":"person-12"}"#
    let foreign = Data("\(Digest.sha256(Data(stranger.utf8)).prefix(16)) \(stranger)\n".utf8)
    let place = "spool/\(SpoolFolder.destination("test"))"
    try folder.write(lines[0] + foreign, to: "\(place)/refused.jsonl")
    try folder.write(hurt + Data("junk\n".utf8), to: "\(place)/damaged.txt")
    try folder.write(hurt + lines[2].dropLast(20), to: "\(place)/20260101T000000-1-000001.jsonl")
    try folder.write(lines[0], to: "\(place)/20260101T000000-1-000009.jsonl.tmp")
    #expect(isHeld("person-1"))
    #expect(try Spool.forget(id: "person-1", dataFolder: folder.url) == Spool.Forgotten(events: 5, remaining: 0))
    #expect(!isHeld("person-1\"") && isHeld("\"person-12\"") && isHeld("junk"))
    let damaged = String(decoding: hurt, as: UTF8.self).replacing("person-1", with: "xxxxxxxx")
    #expect(isHeld(damaged))
    let database = Database()
    let state = try database.recover(folder)
    #expect(state.delivered == 0 && state.damaged == 1)
    #expect(isHeld(damaged + "junk\n" + damaged))
  }

  @Test("a batch that is on its way while files are rewritten is set aside without the ID, and nothing is mixed up")
  func whileDelivering() throws {
    var options = quick
    options.batch = 3
    let database = Database { $0.id == "bad" }
    let folder = folder
    let calls = Log()
    let spool = try Spool(dataFolder: folder.url, destination: "test", options: options) { events in
      calls.add("insert")
      if calls.texts.count == 1 { _ = try Spool.forget(id: "person", dataFolder: folder.url) }
      try database.insert(events)
    }
    try spool.append([event("a", of: "person"), event("bad", of: "person"), event("b", of: "person")])
    let others = events("e", 20)
    try spool.append(others)
    spool.start()
    let state = spool.close(timeout: 60)
    #expect(state.waiting == 0 && state.damaged == 0 && state.refused == 1 && state.delivered == 22)
    #expect(database.events.filter { $0.id.hasPrefix("e") } == others)
    #expect(folder.spooled == (try content([forgotten(event("bad", of: "person"))])))
  }

  @Test("what was delivered before files were rewritten is not delivered again after")
  func afterDelivery() throws {
    var options = quick
    options.batch = 2
    let database = Database()
    let spool = try database.spool(folder, options)
    try spool.append(events("e", 5, of: "a person with a long ID"))
    #expect(try spool.deliverBatch())
    #expect(try Spool.forget(id: "a person with a long ID", dataFolder: folder.url).events == 5)
    #expect(spool.state.waiting == 3)
    spool.start()
    #expect(spool.close(timeout: 60) == Spool.State(delivered: 5))
    #expect(database.attempts == 3)
    #expect(database.events.map(\.status) == [.known, .known, .forgotten, .forgotten, .forgotten])
  }

  @Test("an ID that a damaged line may hold anywhere is crossed out there, and the lines around it stay")
  func shortID() throws {
    var hurt = try content([event("77", of: "7")])
    hurt[0] = UInt8(ascii: "?")
    let folder = try TemporaryFolder.leftBehind(try content([event("7a")]) + hurt + content([event("b", of: "7")]))
    #expect(try Spool.forget(id: "7", dataFolder: folder.url) == Spool.Forgotten(events: 2, remaining: 0))
    let database = Database()
    #expect(try database.recover(folder).delivered == 2)
    #expect(database.events == [event("7a"), forgotten(event("b", of: "7"))])
    #expect(!folder.spooled.contains(UInt8(ascii: "7")))
  }

  @Test("a process that goes on writing and delivering meanwhile loses nothing, and its files lose the ID")
  func whileWriting() throws {
    var options = quick
    options.segmentSize = 20_000
    options.batch = 10
    let database = Database(away: true)
    let spool = try database.spool(folder, options)
    spool.start()
    let folder = folder
    let done = Log()
    let writing = Thread {
      inThreads(4) { thread in
        for number in 0..<300 {
          // From the middle on the camera knows that the person is gone.
          let person = number % 2 == 0 ? "other" : number < 150 ? "person" : nil
          #expect(throws: Never.self) { try spool.append([event("\(thread)-\(number)", of: person)]) }
        }
        done.add("done")
      }
    }
    writing.start()
    var forgotten = 0
    while done.texts.count < 4 {
      let result = try Spool.forget(id: "person", dataFolder: folder.url)
      #expect(result.remaining == 0)
      forgotten += result.events
      if forgotten > 0 { database.isAway = false }
      // The folder's lock is not fair to one who waits for another that takes it again and again.
      usleep(5_000)
    }
    forgotten += try Spool.forget(id: "person", dataFolder: folder.url).events
    database.isAway = false
    #expect(!isHeld("\"person\""))
    let state = spool.close(timeout: 60)
    #expect(state.waiting == 0 && state.damaged == 0 && state.refused == 0)
    let ids = database.events.map(\.id)
    #expect(ids.count == 1200 && Set(ids).count == 1200)
    #expect(database.events.filter { $0.status == .forgotten }.count > 0)
    #expect(database.events.filter { $0.personID == "other" }.count == 600)
    for thread in 0..<4 {
      // Those of one thread stay in their order.
      let own = ids.filter { $0.hasPrefix("\(thread)-") }
      #expect(own == (0..<300).map { "\(thread)-\($0)" })
    }
  }

  @Test("a person is forgotten in the files of another process that lives and cannot deliver, and in the database")
  func otherProcess() throws {
    let writer = try SpoolProcess("away", folder.url, "e-", 30)
    #expect(eventually { writer.lines.contains("filled") })
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    let consent = Consent(text: "yes", date: Date(timeIntervalSince1970: 0))
    for id in ["7", "8"] { _ = try store.addTemplates([], personID: id, name: id, consent: consent) }

    #expect(try store.forget(id: "7").remaining == 0)
    #expect(try Spool.forget(id: "7", dataFolder: folder.url) == Spool.Forgotten(events: 10, remaining: 0))
    #expect(!isHeld("\"7\""))
    // It goes on, in the files that it has now. It has not heard that the person is gone.
    try writer.more()
    #expect(eventually { writer.lines.filter { $0 == "filled" }.count == 2 })
    #expect(try Spool.forget(id: "7", dataFolder: folder.url) == Spool.Forgotten(events: 10, remaining: 0))
    try writer.more()
    #expect(eventually { writer.lines.filter { $0 == "filled" }.count == 3 })
    let acknowledged = Set(writer.acknowledged("e-"))
    writer.kill()

    #expect(try Spool.recover(dataFolder: folder.url, store: store).delivered == 90)
    var events: [Event] = []
    try store.forEachEvent { events.append($0) }
    #expect(acknowledged.count == 90 && Set(events.map(\.id)) == acknowledged)
    #expect(events.filter { $0.status == .forgotten }.count == 30)
    #expect(events.filter { $0.personID == "8" }.count == 30)
    #expect(try store.forget(id: "7").remaining == 0)
  }

  @Test("events that wait for another database are not delivered to this one, are counted, and forget people too")
  func otherDatabase() throws {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    let spool = try Spool(dataFolder: folder.url, destination: "db1,db2/rollcall") { _ in }
    try spool.append(events("e", 3, of: "7"))
    spool.close(timeout: 0)
    #expect(try Spool.recover(dataFolder: folder.url, store: store) == Spool.State())
    #expect(try Spool.waitingElsewhere(dataFolder: folder.url, store: store) == 3)
    #expect(try Spool.forget(id: "7", dataFolder: folder.url) == Spool.Forgotten(events: 3, remaining: 0))
    let own = try Spool(dataFolder: folder.url, store: store)
    try own.append(events("own", 2))
    #expect(own.close(timeout: 60).delivered == 2)
    var count = 0
    try store.forEachEvent { _ in count += 1 }
    #expect(count == 2)
    #expect(try Spool.waitingElsewhere(dataFolder: folder.url, store: store) == 3)
  }
}
