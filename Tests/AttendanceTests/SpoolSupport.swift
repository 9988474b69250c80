import Foundation
import Posix
import TestResources
import Values

@testable import Attendance
@testable import Store

/// Stands for a database where only what the spool does is at stake: takes events by ID, and can be away.
///
/// `@unchecked Sendable`: variables are used with `lock` held.
final class Database: @unchecked Sendable {
  private let lock = NSLock()
  private var taken: [Event] = []
  private var ids: Set<String> = []
  private var away: Bool
  private var calls = 0
  private let refuses: @Sendable (Event) -> Bool

  init(away: Bool = false, refuses: @escaping @Sendable (Event) -> Bool = { _ in false }) {
    self.away = away
    self.refuses = refuses
  }

  var isAway: Bool {
    get { lock.withLock { away } }
    set { lock.withLock { away = newValue } }
  }

  /// In the order in which they came first.
  var events: [Event] { lock.withLock { taken } }
  var attempts: Int { lock.withLock { calls } }

  func insert(_ events: [Event]) throws {
    try lock.withLock {
      calls += 1
      if away { throw StoreError(.unreachable, "Recording sightings", cause: "nobody answers", advice: "Wait.") }
      if events.contains(where: refuses) {
        throw StoreError(.invalidValue, "Storing", cause: "it is not allowed", advice: "Correct it.")
      }
      for event in events where ids.insert(event.id).inserted { taken.append(event) }
    }
  }

  /// A spool that delivers here.
  func spool(
    _ folder: TemporaryFolder, _ options: Spool.Options = quick,
    report: @escaping @Sendable (Spool.State) -> Void = { _ in }
  ) throws -> Spool {
    try Spool(dataFolder: folder.url, destination: "test", options: options, report: report) { [self] in try insert($0)
    }
  }

  /// Delivers what the dead have left.
  @discardableResult
  func recover(_ folder: TemporaryFolder) throws -> Spool.State {
    try Spool.recover(dataFolder: folder.url, destination: "test") { [self] in try insert($0) }
  }
}

/// Pauses too short to wait for.
let quick: Spool.Options = {
  var options = Spool.Options()
  options.firstPause = 0.005
  options.longestPause = 0.02
  return options
}()

func event(_ id: String, of person: String? = nil) -> Event {
  Event(
    id: id, time: Date(timeIntervalSince1970: 1_750_000_000), source: .camera("door"), personID: person,
    status: person == nil ? .unknown : .known, method: person == nil ? nil : .face,
    confidence: person == nil ? nil : 0.93, box: Rect(x: 10, y: 20.5, width: 80, height: 90),
    recorded: Date(timeIntervalSince1970: 1_750_000_001))
}

func events(_ prefix: String, _ count: Int, of person: String? = nil) -> [Event] {
  (0..<count).map { event("\(prefix)\($0)", of: person) }
}

extension TemporaryFolder {
  /// The files of all spools, without the locks.
  var spoolFiles: [URL] {
    SpoolFolder.all(in: url).flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        .filter { !$0.hasSuffix("lock") }.map { folder.appending(path: $0) }
    }
  }

  /// What is in them.
  var spooled: Data { Data(spoolFiles.map { (try? Data(contentsOf: $0)) ?? Data() }.joined()) }

  /// The segments, oldest first.
  var segments: [URL] { spoolFiles.filter { SpoolFolder.owner(ofSegment: $0.lastPathComponent) != nil } }

  /// A folder with one segment of a process that lives no more.
  static func leftBehind(_ content: Data) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(content, to: "spool/\(SpoolFolder.destination("test"))/20260101T000000-1-000001.jsonl")
    return folder
  }
}

/// The events as a segment has them.
func content(_ events: [Event]) throws -> Data {
  Data(try events.map { try SpoolLine.encode($0) }.joined())
}

/// The process for tests to kill.
final class SpoolProcess {
  private let process = Process()
  private let input = Pipe()
  private let folder: TemporaryFolder
  private let output: URL

  init(_ mode: String, _ data: URL, _ prefix: String, _ count: Int) throws {
    folder = try TemporaryFolder()
    output = try folder.write(Data(), to: "output")
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("spool-writer")
    process.arguments = [mode, data.path, prefix, String(count)]
    process.standardInput = input
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
  }

  deinit {
    kill()
  }

  /// Whole lines that it has printed.
  var lines: [String] {
    let text = String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The IDs of the events that were acknowledged.
  func acknowledged(_ prefix: String) -> [String] { lines.filter { $0.hasPrefix(prefix) } }

  func more() throws { try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }

  /// Has it end by itself.
  func finish() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  var isRunning: Bool { process.isRunning }

  func kill() {
    guard process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
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
