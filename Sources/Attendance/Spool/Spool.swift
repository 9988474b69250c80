import Formats
public import Foundation
import Posix
public import Store
import Values

/// Keeps events on disk until the database has them, so that none is lost when the database is away, or when this
/// process or the machine stops at any moment.
///
/// `append` returns when its events are on disk. A thread of the spool's own takes them to the database in their
/// order, tries again for as long as it takes, and removes them from disk only when a majority of the database's
/// servers has them. What is left when a process ends, however it ends, is delivered by the next one that opens the
/// spool. A event may then be delivered again, which changes nothing: its ID is the same.
///
/// Everything waits on disk, not in memory. Several processes may use one data folder. All methods may be called from
/// any thread; they block, so not on Swift's cooperative pool.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked, and `folder` takes its lock only
/// then, too. The one exception is `fsync` on a writer's file, whose descriptor never changes.
public final class Spool: @unchecked Sendable {
  /// How delivery stands.
  public struct State: Sendable, Equatable {
    /// Events that the database took since the spool was opened.
    public internal(set) var delivered = 0
    /// Events on disk that still have to be delivered.
    public internal(set) var waiting = 0
    /// Events that the database will never take, since the spool was opened. They are in `refused.jsonl`.
    public internal(set) var refused = 0
    /// Lines that are not what was written, since the spool was opened. They are in `damaged.txt`.
    public internal(set) var damaged = 0
    /// Why the last attempt to deliver failed, and what to do; nil when it succeeded. Names nobody.
    public internal(set) var failure: String?
    /// Why events were refused the last time. Names nobody.
    public internal(set) var refusal: String?
  }

  /// How a spool works; other than the defaults in tests only.
  package struct Options: Sendable {
    /// Events in one delivery.
    package var batch = 500
    /// From this size on, in bytes, a segment is followed by a new one.
    package var segmentSize = 1 << 20
    /// Pause after a first failed delivery, in seconds. It doubles with each further one.
    package var firstPause = 0.1
    /// The longest pause, in seconds.
    package var longestPause = 10.0
    /// Brings a file to disk: `fsync`.
    package var sync: @Sendable (Int32) -> Int32 = { fsync($0) }

    package init() {}
  }

  /// How far the first segment is delivered.
  struct Cursor {
    /// In bytes.
    var offset = 0
    var lines = 0
  }

  struct Segment {
    let name: String
    var lines: Int
  }

  let folder: SpoolFolder
  let options: Options
  let insert: @Sendable ([Event]) throws -> Void
  let report: @Sendable (State) -> Void
  /// What this process's files begin with.
  let owner: String

  let condition = NSCondition()
  /// nil once closed.
  var ownership: FileLock?
  /// In the order of delivery. The last one may be the writer's.
  var segments: [Segment] = []
  private var nextNumber = 1
  var writer: SpoolWriter?
  var cursor = Cursor()
  /// How often files had been rewritten when the folder was last looked at.
  private(set) var rewritings = 0
  /// All of the state but `waiting`.
  var counts = State()
  var isClosing = false

  /// Opens the spool of a data folder, takes over what processes left that live no more, and begins to deliver.
  ///
  /// Each database has a spool of its own: what waits for one is never delivered to another.
  ///
  /// - Parameters:
  ///   - dataFolder: the folder is `spool` in it; made if it is missing.
  ///   - store: must stay open until the spool is closed.
  ///   - report: is called on the delivering thread whenever the state has changed.
  /// - Throws: `SpoolError`.
  public convenience init(
    dataFolder: URL, store: Store, report: @escaping @Sendable (State) -> Void = { _ in }
  ) throws {
    try self.init(dataFolder: dataFolder, destination: store.address, report: report) {
      _ = try store.insertEvents($0)
    }
    start()
  }

  /// Opens a spool that does not deliver yet.
  ///
  /// - Parameters:
  ///   - destination: tells databases apart.
  ///   - insert: writes events. Those whose ID is there already must change nothing.
  package init(
    dataFolder: URL, destination: String, options: Options = Options(),
    report: @escaping @Sendable (State) -> Void = { _ in }, insert: @escaping @Sendable ([Event]) throws -> Void
  ) throws {
    folder = try SpoolFolder.make(for: SpoolFolder.destination(destination), in: dataFolder)
    self.options = options
    self.report = report
    self.insert = insert
    // The time puts the files in order, for people and for who takes them over.
    let time = Timestamp.string(from: Date(), in: .gmt).prefix(19).filter { $0 != ":" && $0 != "-" }
    owner = "\(time)-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
    try folder.withLock {
      try folder.attempt("Opening the spool") { () throws(SystemFailure) in
        let lock = try FileLock(owner + SpoolFolder.Name.owner, in: folder.descriptor)
        _ = try lock.tryExclusive()
        ownership = lock
      }
      rewritings = folder.rewritings
      try adopt()
    }
  }

  /// How delivery stands now.
  public var state: State {
    condition.withLock { currentState }
  }

  /// Needs `condition`.
  var currentState: State {
    var state = counts
    state.waiting = max(0, segments.reduce(0) { $0 + $1.lines } - cursor.lines)
    return state
  }

  // MARK: Taking over

  /// Makes the segments of processes that live no more this one's. Needs the lock.
  private func adopt() throws {
    let names = try folder.names()
    for name in names where name.hasSuffix(SpoolFolder.Name.temporary) {
      try folder.attempt("Removing half a file") { () throws(SystemFailure) in try folder.remove(name) }
    }
    let owners = Set(
      names.compactMap(SpoolFolder.owner(ofSegment:))
        + names.filter { $0.hasSuffix(SpoolFolder.Name.owner) }.map {
          String($0.dropLast(SpoolFolder.Name.owner.count))
        }
    ).subtracting([owner])
    for dead in owners.sorted() {
      try folder.attempt("Taking over waiting events") { () throws(SystemFailure) in
        let lock = try FileLock(dead + SpoolFolder.Name.owner, in: folder.descriptor)
        guard try lock.tryExclusive() else { return }
        for name in names where SpoolFolder.owner(ofSegment: name) == dead {
          let own = nextSegmentName()
          try folder.rename(name, to: own)
          segments.append(Segment(name: own, lines: 0))
        }
        try folder.remove(dead + SpoolFolder.Name.owner)
      }
    }
    for index in segments.indices {
      try folder.forEachLine(of: segments[index].name) { _, isWhole, _ in
        segments[index].lines += isWhole ? 1 : 0
        return true
      }
    }
  }

  private func nextSegmentName() -> String {
    defer { nextNumber += 1 }
    let digits = String(nextNumber)
    return "\(owner)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)\(SpoolFolder.Name.segment)"
  }

  // MARK: Writing

  /// Writes events to disk, in their order, and returns when they are there, come what may.
  ///
  /// Calls that come together share one wait for the disk. When it throws, none of `events` is safe, and the next
  /// call is as good as if this one had not been.
  ///
  /// - Throws: `SpoolError`; with code `full` when the disk is.
  public func append(_ events: [Event]) throws {
    guard !events.isEmpty else { return }
    var data = Data()
    for event in events { data.append(try SpoolLine.encode(event)) }
    condition.lock()
    defer { condition.unlock() }
    guard !isClosing else { throw Self.closed }
    let writer = try exclusively { try write(data, records: events.count) }
    try synchronize(writer, upTo: writer.written)
  }

  private static let operation = "Keeping an event on disk"

  private static var closed: SpoolError {
    SpoolError(.closed, operation, cause: "the spool is closed", advice: "Open it again.")
  }

  /// Needs the lock.
  private func write(_ data: Data, records: Int) throws -> SpoolWriter {
    if let full = writer, full.size >= options.segmentSize { writer = nil }
    let writer: SpoolWriter
    if let open = self.writer {
      writer = open
    } else {
      let name = nextSegmentName()
      writer = try folder.attempt(Self.operation) { () throws(SystemFailure) in
        try SpoolWriter(creating: name, in: folder)
      }
      segments.append(Segment(name: name, lines: 0))
      self.writer = writer
    }
    do throws(SystemFailure) {
      try writer.write(data, records: records)
    } catch {
      // Whatever half a line may be at its end now, nothing comes behind it.
      if folder.size(writer.name) != writer.size { self.writer = nil }
      throw SpoolError(error, Self.operation, path: folder.path)
    }
    count(records, in: writer)
    return writer
  }

  private func count(_ records: Int, in writer: SpoolWriter) {
    guard let index = segments.firstIndex(where: { $0.name == writer.name }) else { return }
    segments[index].lines += records
  }

  /// Waits until the first `ticket` records of a writer are on disk. One thread at a time brings them there, for all
  /// who wait meanwhile. Needs `condition`.
  private func synchronize(_ writer: SpoolWriter, upTo ticket: Int) throws {
    while writer.synced < ticket {
      if let failure = writer.failure { throw failure }
      guard !writer.isSyncing else {
        condition.wait()
        continue
      }
      writer.isSyncing = true
      let mark = writer.mark
      condition.unlock()
      let result = Result { () throws(SystemFailure) in
        try SystemFailure.check { options.sync(writer.file.number) }
      }
      condition.lock()
      writer.isSyncing = false
      switch result {
      case .success: writer.reached(mark)
      case .failure(let failure):
        // What reached the disk is unknown, and the system does not try again: go on in a new file.
        writer.failure = SpoolError(failure, Self.operation, path: folder.path)
        if self.writer === writer { self.writer = nil }
        try? folder.withLock { count(-writer.rollBack(), in: writer) }
      }
      condition.broadcast()
    }
  }

  /// Runs `body` while nobody else, here or in another process, changes files. Needs `condition`.
  func exclusively<R>(_ body: () throws -> R) throws -> R {
    try folder.withLock {
      try catchUp()
      return try body()
    }
  }

  /// After another process has rewritten files, what was at one place is at another.
  private func catchUp() throws {
    let rewritings = folder.rewritings
    guard rewritings != self.rewritings else { return }
    if let old = writer {
      writer =
        folder.size(old.name) > 0 || old.size == 0
        ? try folder.attempt("Reopening the spool") { () throws(SystemFailure) in
          try SpoolWriter(reopening: old.name, in: folder)
        } : nil
    }
    // Rewriting a line makes it longer or shorter, but leaves it a line.
    var lines = 0
    let delivered = cursor.lines
    cursor.offset = 0
    if let first = segments.first, delivered > 0 {
      try folder.forEachLine(of: first.name) { _, _, end in
        lines += 1
        cursor.offset = end
        return lines < delivered
      }
    }
    self.rewritings = rewritings
  }
}
