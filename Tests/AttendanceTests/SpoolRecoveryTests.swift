import Foundation
import TestResources
import Testing

@testable import Attendance
@testable import Store

@Suite("Recovery of the spool")
struct SpoolRecoveryTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  // MARK: Damage

  @Test("a file that ends anywhere within a line gives the whole lines before it, and nothing else")
  func tornTail() throws {
    let events = [event("one"), event("two", of: "7")]
    let whole = try content(events)
    let first = try content([events[0]]).count
    for length in 0...whole.count {
      let folder = try TemporaryFolder.leftBehind(whole.prefix(length))
      let database = Database()
      let state = try database.recover(folder)
      // All of a line but its end is all of an event.
      let expected = events.prefix(length >= whole.count - 1 ? 2 : length >= first - 1 ? 1 : 0)
      #expect(database.events == Array(expected), "length \(length)")
      #expect(state.damaged == 0 && state.waiting == 0)
      #expect(folder.spoolFiles.isEmpty, "length \(length)")
    }
  }

  @Test("a damaged line is set aside as it is and reported, wherever the damage; the lines around it are delivered")
  func damagedMiddle() throws {
    let events = events("e", 3)
    let lines = try events.map { try content([$0]) }
    for position in stride(from: 0, to: lines[1].count - 1, by: 3) {
      for damage in [UInt8(0), 1, 0xFF] {
        var damaged = lines[1]
        damaged[position] = damage == 1 ? damaged[position] ^ 1 : damage
        let folder = try TemporaryFolder.leftBehind(lines[0] + damaged + lines[2])
        let database = Database()
        let state = try database.recover(folder)
        #expect(database.events == [events[0], events[2]], "position \(position)")
        #expect(state.damaged == 1 && state.delivered == 2)
        #expect(folder.spoolFiles.map(\.lastPathComponent) == ["damaged.txt"])
        #expect(folder.spooled == damaged)
      }
    }
  }

  @Test("a block of the disk that was never written damages no more than the lines in it")
  func emptyBlock() throws {
    let events = events("e", 60)
    var bytes = try content(events)
    bytes.replaceSubrange(4096..<8192, with: Data(repeating: 0, count: 4096))
    let folder = try TemporaryFolder.leftBehind(bytes)
    let database = Database()
    let state = try database.recover(folder)
    #expect(state.damaged == 1)
    let lost = events.filter { !database.events.contains($0) }
    #expect(lost.count < 25 && state.delivered == 60 - lost.count)
  }

  // MARK: Processes

  @Test("of two processes in one folder neither takes the other's events, until it is gone")
  func twoProcesses() throws {
    let writer = try SpoolProcess("away", folder.url, "w-", 40)
    #expect(eventually { writer.lines.contains("filled") })
    let database = Database()
    func recover() throws -> Spool.State {
      try Spool.recover(dataFolder: folder.url, destination: "private database") { try database.insert($0) }
    }
    #expect(try recover() == Spool.State())
    let own = try Spool(dataFolder: folder.url, destination: "private database") { try database.insert($0) }
    own.start()
    try own.append([event("own")])
    #expect(own.close(timeout: 60).delivered == 1)
    #expect(database.events.map(\.id) == ["own"])
    try writer.more()
    #expect(eventually { writer.lines.filter { $0 == "filled" }.count == 2 })
    let acknowledged = Set(writer.acknowledged("w-"))
    #expect(acknowledged.count == 80)
    writer.kill()
    #expect(try recover().delivered == 80)
    #expect(Set(database.events.map(\.id)) == acknowledged.union(["own"]))
    #expect(folder.spoolFiles.isEmpty)
    #expect(try recover() == Spool.State())
  }

  @Test("processes that recover at the same moment deliver each event, and leave nothing behind")
  func simultaneousRecovery() throws {
    let database = Database()
    for round in 0..<5 {
      let folder = folder
      for part in 0..<4 {
        try folder.write(
          try content(events("\(round)-\(part)-", 50)),
          to: "spool/\(SpoolFolder.destination("test"))/20260101T000000-\(part)-000001.jsonl")
      }
      inThreads(4) { _ in #expect(throws: Never.self) { try database.recover(folder) } }
      #expect(folder.spoolFiles.isEmpty)
    }
    #expect(database.events.count == 1000)
  }

  @Test("recovery that fails says why, and leaves the events for the next")
  func failingRecovery() throws {
    let events = events("e", 3)
    let folder = try TemporaryFolder.leftBehind(try content(events))
    let database = Database(away: true)
    #expect(throws: StoreError.self) { try database.recover(folder) }
    database.isAway = false
    #expect(try database.recover(folder).delivered == 3)
    #expect(database.events == events)
  }

  @Test("recovery where nothing ever waited makes no folder")
  func nothingToRecover() throws {
    #expect(try Database().recover(folder) == Spool.State())
    #expect(!FileManager.default.fileExists(atPath: SpoolFolder.root(in: folder.url).path))
  }
}
