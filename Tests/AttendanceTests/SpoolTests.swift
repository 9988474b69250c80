import Formats
import Foundation
import TestResources
import Testing
import Values

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
    var events: [Event] = []
    for status in FaceStatus.logged {
      for method in RecognitionMethod.allCases + [nil] {
        for mask in MaskLabel.allCases + [nil] {
          let number = Double(events.count)
          events.append(
            Event(
              id: "e\(events.count)", kind: Event.Kind.allCases[events.count % Event.Kind.allCases.count],
              time: Date(timeIntervalSince1970: (1_750_000_000_000 + number) / 1000),
              source: events.count % 2 == 0 ? .camera("Tür \"1\"\n\u{0}\u{2028}") : .file("a\\b/ü 🙂.jpg"),
              personID: status == .known ? "id \"\(events.count)\" é" : nil, status: status, method: method,
              confidence: method == nil ? nil : 1 / (number + 3),
              box: .init(x: -number / 3, y: 1e-9 * number, width: 1e12 + number, height: 0.1), mask: mask,
              recorded: Date(timeIntervalSince1970: (2_000_000_000_123 + number) / 1000)))
        }
      }
    }
    let database = Database()
    let spool = try database.spool(folder)
    for few in [events[..<1], events[1..<50], events[50...]] { try spool.append(Array(few)) }
    spool.start()
    #expect(spool.close(timeout: 60).waiting == 0)
    #expect(database.events == events)
    #expect(events.count == 72)
  }

  @Test("numbers that JSON does not have arrive too, for the database to judge")
  func strangeNumbers() throws {
    let box = Rect(x: .infinity, y: -.infinity, width: .nan, height: -0.0)
    let strange = Event(
      id: "s", time: Date(timeIntervalSince1970: 0), source: .camera("c"), personID: nil, status: .poor,
      confidence: .nan, box: box, recorded: Date(timeIntervalSince1970: -1))
    guard case .event(let back) = SpoolLine.decode(try SpoolLine.encode(strange).dropLast()) else {
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
      let event = Event(
        id: "t", time: time, source: .camera("c"), personID: nil, status: .poor,
        box: .init(x: 0, y: 0, width: 1, height: 1), recorded: time)
      guard case .event(let back) = SpoolLine.decode(try SpoolLine.encode(event).dropLast()), back == event
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
      let bad = Event(
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
      #"{"v":1,"id":"e","kind":"photo","time":"2025-06-15T15:06:40.000+00:00","camera":"door","personID":"7","#
      + #""status":"known","method":"face","confidence":0.93,"box":[10.0,20.5,80.0,90.0],"mask":null,"#
      + #""recorded":"2025-06-15T15:06:41.000+00:00"}"#
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
    #expect(database.events.map(\.id) == ["a", "b"])
    #expect(database.events.first?.recorded == database.events.first?.time)
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
    #expect(database.events.map(\.id) == ["a", "c"])
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
    #expect(database.events.map(\.id) == acknowledged)
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
    #expect(error?.advice.contains("data folder") == true)
  }
}
