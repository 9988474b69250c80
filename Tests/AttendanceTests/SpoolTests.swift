import Formats
import Foundation
import TestResources
import Testing

@testable import Attendance
@testable import Store

@Suite("The spool")
struct SpoolTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  // MARK: What is written

  @Test("every field of every event arrives as it was, in the order of writing")
  func everyField() throws {
    var sightings: [Sighting] = []
    for status in Sighting.Status.allCases {
      for method in Sighting.Method.allCases + [nil] {
        for mask in Sighting.Mask.allCases + [nil] {
          let number = Double(sightings.count)
          sightings.append(
            Sighting(
              id: "e\(sightings.count)", kind: Sighting.Kind.allCases[sightings.count % Sighting.Kind.allCases.count],
              time: Date(timeIntervalSince1970: (1_750_000_000_000 + number) / 1000),
              source: sightings.count % 2 == 0 ? .camera("Tür \"1\"\n\u{0}\u{2028}") : .file("a\\b/ü 🙂.jpg"),
              personID: status == .known ? "id \"\(sightings.count)\" é" : nil, status: status, method: method,
              confidence: method == nil ? nil : 1 / (number + 3),
              box: .init(x: -number / 3, y: 1e-9 * number, width: 1e12 + number, height: 0.1), mask: mask,
              recorded: Date(timeIntervalSince1970: (2_000_000_000_123 + number) / 1000)))
        }
      }
    }
    let database = Database()
    let spool = try database.spool(folder)
    for few in [sightings[..<1], sightings[1..<50], sightings[50...]] { try spool.append(Array(few)) }
    spool.start()
    #expect(spool.close(timeout: 60).waiting == 0)
    #expect(database.sightings == sightings)
    #expect(sightings.count == 72)
  }

  @Test("numbers that JSON does not have arrive too, for the database to judge")
  func strangeNumbers() throws {
    let box = Sighting.Box(x: .infinity, y: -.infinity, width: .nan, height: -0.0)
    let strange = Sighting(
      id: "s", time: Date(timeIntervalSince1970: 0), source: .camera("c"), personID: nil, status: .poor,
      confidence: .nan, box: box, recorded: Date(timeIntervalSince1970: -1))
    guard case .sighting(let back) = SpoolLine.decode(try SpoolLine.encode(strange).dropLast()) else {
      Issue.record("it was not read")
      return
    }
    #expect(back.confidence?.isNaN == true)
    #expect(
      back.box.x == .infinity && back.box.y == -.infinity && back.box.width.isNaN && back.box.height.sign == .minus)
    #expect(back.recorded == Date(timeIntervalSince1970: -1))
  }

  @Test("times of all years from 1583 to 9999 arrive to the millisecond")
  func allTimes() throws {
    var milliseconds = -12_212_000_000_000
    while milliseconds < 253_402_300_000_000 {
      let time = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
      let sighting = Sighting(
        id: "t", time: time, source: .camera("c"), personID: nil, status: .poor,
        box: .init(x: 0, y: 0, width: 1, height: 1), recorded: time)
      guard case .sighting(let back) = SpoolLine.decode(try SpoolLine.encode(sighting).dropLast()), back == sighting
      else {
        Issue.record("\(milliseconds) ms")
        return
      }
      // A prime number of milliseconds: about 500 days.
      milliseconds += 43_200_000_043
    }
  }

  @Test("a time that is in no calendar is refused with what to do, and nothing of that call is written")
  func impossibleTime() throws {
    let spool = try Database().spool(folder)
    defer { spool.close(timeout: 0) }
    for seconds in [Double.nan, .infinity, 1e15, -1e15] {
      let bad = Sighting(
        id: "bad", time: Date(timeIntervalSince1970: seconds), source: .camera("c"), personID: nil, status: .poor,
        box: .init(x: 0, y: 0, width: 1, height: 1))
      let error = #expect(throws: SpoolError.self) { try spool.append([event("good"), bad]) }
      #expect(error?.code == .invalidValue)
      #expect(error?.description.contains("clock") == true)
    }
    #expect(folder.spooled.isEmpty)
  }

  @Test("waiting events are lines that a person can read, in files that other users cannot")
  func readable() throws {
    let spool = try Database(away: true).spool(folder)
    defer { spool.close(timeout: 0) }
    try spool.append([event("e", of: "7")])
    let json =
      #"{"v":1,"id":"e","kind":"photo","time":"2025-06-15T15:06:40.000+00:00","camera":"door","personID":"7","status":"known","method":"face","confidence":0.93,"box":[10.0,20.5,80.0,90.0],"mask":null,"recorded":"2025-06-15T15:06:41.000+00:00"}"#
    let text = String(decoding: folder.spooled, as: UTF8.self)
    #expect(text.dropFirst(17) == json + "\n")
    #expect(text.prefix(17).wholeMatch(of: #/[0-9a-f]{16}[ ]/#) != nil)
    func mode(_ url: URL) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
    }
    for url in SpoolFolder.all(in: folder.url) + [SpoolFolder.root(in: folder.url)] { #expect(try mode(url) == 0o700) }
    #expect(folder.spoolFiles.count == 1)
    for url in folder.spoolFiles { #expect(try mode(url) == 0o600) }
  }

  @Test(
    "lines of other versions: unknown fields are ignored, missing ones done without, what is not understood is kept")
  func otherVersions() throws {
    func line(_ json: String) -> String { "\(Digest.sha256(Data(json.utf8)).prefix(16)) \(json)\n" }
    let box = #""box":[1,2,3,4]"#
    let time = #""time":"2026-01-02T03:04:05.678+00:00""#
    let newer = line(#"{"v":2,"id":"n",\#(time),"camera":"c","status":"known",\#(box)}"#)
    let stranger = line(#"{"v":1,"id":"s",\#(time),"camera":"c","status":"asleep",\#(box)}"#)
    let text =
      line(#"{"v":1,"id":"a","kind":"seen","deep":{"x":[1]},\#(time),"file":"f","status":"poor",\#(box)}"#)
      + newer + stranger + line(#"{"id":"b",\#(time),"camera":"c","status":"unknown",\#(box)}"#)
    let folder = try TemporaryFolder.leftBehind(Data(text.utf8))
    let database = Database()
    let state = try database.recover(folder)
    #expect(database.sightings.map(\.id) == ["a", "b"])
    #expect(database.sightings.first?.recorded == database.sightings.first?.time)
    #expect(state.delivered == 2 && state.refused == 2 && state.damaged == 0 && state.waiting == 0)
    #expect(state.refusal?.contains("newer Rollcall") == true)
    #expect(String(decoding: folder.spooled, as: UTF8.self) == newer + stranger)
  }

  // MARK: When it is on disk

  @Test("append returns only after the disk has the event, and calls that come together share the wait")
  func synchronised() throws {
    let log = Log()
    var options = quick
    let folder = folder
    options.sync = { file in
      log.add(String(decoding: folder.spooled, as: UTF8.self))
      usleep(20_000)
      return fsync(file)
    }
    let spool = try Database(away: true).spool(folder, options)
    try spool.append([event("first")])
    #expect(log.texts.count == 1)
    #expect(log.texts.first?.contains("first") == true)
    inThreads(8) { thread in
      for number in 0..<5 {
        let id = "t\(thread)-\(number)"
        #expect(throws: Never.self) { try spool.append([event(id)]) }
        #expect(log.texts.contains { $0.contains(id) })
      }
    }
    #expect(log.texts.count < 25)
    #expect(spool.close(timeout: 0).waiting == 41)
  }

  @Test("when the disk does not confirm, append throws, that event is taken back, and the next is safe")
  func failingDisk() throws {
    let fails = Log()
    var options = quick
    options.sync = { file in
      guard fails.texts.isEmpty else {
        errno = EIO
        return -1
      }
      return fsync(file)
    }
    let database = Database()
    let spool = try database.spool(folder, options)
    try spool.append([event("a")])
    fails.add("now")
    let error = #expect(throws: SpoolError.self) { try spool.append([event("b")]) }
    #expect(error?.code == .unusable)
    #expect(error?.description.contains("Input/output error") == true)
    #expect(spool.state.waiting == 1)
    fails.clear()
    try spool.append([event("c")])
    spool.start()
    #expect(spool.close(timeout: 60).delivered == 2)
    #expect(database.sightings.map(\.id) == ["a", "c"])
  }

  @Test("a full disk: append says what to do, half a line is taken back, and the next append is sound")
  func fullDisk() throws {
    let writer = try SpoolProcess("full", folder.url, "e-", 1000)
    try writer.finish()
    let lines = writer.lines
    // Events of about 260 bytes.
    #expect(lines.prefix(3) == ["e-0", "e-1", "e-2"])
    #expect(lines.contains { $0.hasPrefix("refused: Keeping an event on disk failed: ") && $0.contains("Make room") })
    #expect(lines.contains("e-last"))
    let acknowledged = writer.acknowledged("e-")
    #expect(folder.segments.count == 1)
    #expect(String(decoding: folder.spooled, as: UTF8.self).split(separator: "\n").count == acknowledged.count)
    let database = Database()
    let state = try Spool.recover(dataFolder: folder.url, destination: "private database") { try database.insert($0) }
    #expect(database.sightings.map(\.id) == acknowledged)
    #expect(state.damaged == 0)
  }

  @Test("a folder that cannot be made is an error that names it")
  func unusableFolder() throws {
    try folder.write(Data(), to: "file")
    let error = #expect(throws: SpoolError.self) {
      try Spool(dataFolder: folder.url.appending(path: "file"), destination: "test") { _ in }
    }
    #expect(error?.code == .unusable)
    #expect(error?.description.contains(folder.url.path + "/file/spool") == true)
    #expect(error?.description.contains("--data") == true)
  }

  // MARK: Delivery

  @Test("while the database is away events wait on disk, and when it is back all arrive in order and leave the disk")
  func databaseAway() throws {
    let database = Database(away: true)
    let reports = Log()
    let spool = try database.spool(folder) { reports.add($0.failure ?? "well: \($0.delivered)") }
    spool.start()
    let sightings = events("e", 1200)
    for start in stride(from: 0, to: 1200, by: 100) { try spool.append(Array(sightings[start..<(start + 100)])) }
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
    #expect(database.sightings == sightings + [event("later")])
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
    let sightings = events("e", 300)
    for sighting in sightings { try spool.append([sighting]) }
    #expect(folder.segments.count > 20)
    database.isAway = false
    spool.start()
    #expect(eventually { spool.state.waiting == 0 })
    #expect(folder.segments.count == 1)
    #expect(folder.spooled.isEmpty)
    for sighting in events("later", 1000) {
      try spool.append([sighting])
      #expect(folder.spooled.count < 2_000_000)
    }
    #expect(spool.close(timeout: 60).delivered == 1300)
    #expect(database.sightings == sightings + events("later", 1000))
  }

  @Test("an event that the database never takes is set aside and does not keep back the others")
  func refused() throws {
    let database = Database { $0.id.hasPrefix("bad") }
    let spool = try database.spool(folder)
    let good = events("good", 20)
    try spool.append(good.prefix(7) + [event("bad1")] + good[7..<15] + [event("bad2")] + good[15...])
    spool.start()
    let state = spool.close(timeout: 60)
    #expect(database.sightings == good)
    #expect(state.delivered == 20 && state.refused == 2 && state.waiting == 0)
    #expect(state.refusal == "Storing failed: it is not allowed. Correct it.")
    #expect(folder.spoolFiles.map(\.lastPathComponent) == ["refused.jsonl"])
    #expect(folder.spooled == (try content([event("bad1"), event("bad2")])))
  }

  // MARK: Damage

  @Test("a file that ends anywhere within a line gives the whole lines before it, and nothing else")
  func tornTail() throws {
    let sightings = [event("one"), event("two", of: "7")]
    let whole = try content(sightings)
    let first = try content([sightings[0]]).count
    for length in 0...whole.count {
      let folder = try TemporaryFolder.leftBehind(whole.prefix(length))
      let database = Database()
      let state = try database.recover(folder)
      // All of a line but its end is all of an event.
      let expected = sightings.prefix(length >= whole.count - 1 ? 2 : length >= first - 1 ? 1 : 0)
      #expect(database.sightings == Array(expected), "length \(length)")
      #expect(state.damaged == 0 && state.waiting == 0)
      #expect(folder.spoolFiles.isEmpty, "length \(length)")
    }
  }

  @Test("a damaged line is set aside as it is and reported, wherever the damage; the lines around it are delivered")
  func damagedMiddle() throws {
    let sightings = events("e", 3)
    let lines = try sightings.map { try content([$0]) }
    for position in stride(from: 0, to: lines[1].count - 1, by: 3) {
      for damage in [UInt8(0), 1, 0xFF] {
        var damaged = lines[1]
        damaged[position] = damage == 1 ? damaged[position] ^ 1 : damage
        let folder = try TemporaryFolder.leftBehind(lines[0] + damaged + lines[2])
        let database = Database()
        let state = try database.recover(folder)
        #expect(database.sightings == [sightings[0], sightings[2]], "position \(position)")
        #expect(state.damaged == 1 && state.delivered == 2)
        #expect(folder.spoolFiles.map(\.lastPathComponent) == ["damaged.txt"])
        #expect(folder.spooled == damaged)
      }
    }
  }

  @Test("a block of the disk that was never written damages no more than the lines in it")
  func emptyBlock() throws {
    let sightings = events("e", 60)
    var bytes = try content(sightings)
    bytes.replaceSubrange(4096..<8192, with: Data(repeating: 0, count: 4096))
    let folder = try TemporaryFolder.leftBehind(bytes)
    let database = Database()
    let state = try database.recover(folder)
    #expect(state.damaged == 1)
    let lost = sightings.filter { !database.sightings.contains($0) }
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
    #expect(database.sightings.map(\.id) == ["own"])
    try writer.more()
    #expect(eventually { writer.lines.filter { $0 == "filled" }.count == 2 })
    let acknowledged = Set(writer.acknowledged("w-"))
    #expect(acknowledged.count == 80)
    writer.kill()
    #expect(try recover().delivered == 80)
    #expect(Set(database.sightings.map(\.id)) == acknowledged.union(["own"]))
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
    #expect(database.sightings.count == 1000)
  }

  @Test("recovery that fails says why, and leaves the events for the next")
  func failingRecovery() throws {
    let sightings = events("e", 3)
    let folder = try TemporaryFolder.leftBehind(try content(sightings))
    let database = Database(away: true)
    #expect(throws: StoreError.self) { try database.recover(folder) }
    database.isAway = false
    #expect(try database.recover(folder).delivered == 3)
    #expect(database.sightings == sightings)
  }

  @Test("recovery where nothing ever waited makes no folder")
  func nothingToRecover() throws {
    #expect(try Database().recover(folder) == Spool.State())
    #expect(!FileManager.default.fileExists(atPath: SpoolFolder.root(in: folder.url).path))
  }
}

/// Texts that several threads collect.
///
/// `@unchecked Sendable`: `list` is used with `lock` held.
final class Log: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []

  var texts: [String] { lock.withLock { list } }
  func add(_ text: String) { lock.withLock { list.append(text) } }
  func clear() { lock.withLock { list = [] } }
}
