import Formats
public import Foundation
import Posix
public import Store
public import Values

/// A queue of events on disk, from which they are delivered to the database.
///
/// No event is lost if the database is unavailable, or if this process or the machine stops at any moment.
///
/// ```swift
/// let spool = try Spool(dataFolder: folder, store: store)
/// try spool.append([event])
/// spool.close(timeout: 5)
/// ```
///
/// `append` returns when its events are on disk. A thread of the spool delivers them to the database in order, and
/// retries for as long as it takes. It removes them from disk only after a majority of the database's servers has them.
/// If a process ends for any reason, the next process that opens the spool delivers the events that are left. An event
/// may then be delivered again. This changes nothing, because its ID is the same.
///
/// Events wait on disk, not in memory. Several processes may use one data folder. All methods may be called from any
/// thread. They block, so do not call them on Swift's cooperative pool.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked, and `folder` takes its lock only
/// then, too. The one exception is `fsync` on a writer's file, whose descriptor never changes.
public final class Spool: @unchecked Sendable {
  /// The state of delivery.
  public struct State: Sendable, Equatable {
    /// The number of events that the database has taken since the spool was opened.
    public internal(set) var delivered = 0
    /// The number of events on disk that still have to be delivered.
    public internal(set) var waiting = 0
    /// The number of events, since the spool was opened, that the database will never take. They are in
    /// `refused.jsonl`.
    public internal(set) var refused = 0
    /// The number of lines, since the spool was opened, that differ from what was written. They are in `damaged.txt`.
    public internal(set) var damaged = 0
    /// Why the last delivery failed, and what to do; nil if it succeeded. Contains no personal data.
    public internal(set) var failure: String?
    /// Why events were refused the last time. Contains no personal data.
    public internal(set) var refusal: String?
  }

  let folder: SpoolFolder
  let options: Options
  let insert: @Sendable ([Event]) throws -> Void
  let report: @Sendable (State) -> Void
  /// The prefix of this process's files.
  let owner: String

  let condition = NSCondition()
  /// The lock of this process; nil once the spool is closed.
  var ownership: FileLock?
  /// The segments in the order of delivery. The last one may be the writer's.
  var segments: [Segment] = []
  private var nextNumber = 1
  var writer: SpoolWriter?
  var cursor = Cursor()
  /// The number of rewritings of files, when the folder was last checked.
  private(set) var rewritings = 0
  /// The state without `waiting`.
  var counts = State()
  var isClosing = false
  var checkpointed = Checkpoint()

  /// Opens the spool of a data folder, takes over the files of processes that have ended, and begins to deliver.
  ///
  /// Each database has its own spool. Events that wait for one database are never delivered to another.
  ///
  /// - Parameters:
  ///   - dataFolder: The data folder. The folder `spool` in it is made if it is missing.
  ///   - store: The database. It must stay open until the spool is closed.
  ///   - report: Called on the delivering thread whenever the state has changed.
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
  ///   - destination: Identifies the database.
  ///   - insert: Writes events to the database. Events whose ID is there already must change nothing.
  package init(
    dataFolder: URL, destination: String, options: Options = Options(),
    report: @escaping @Sendable (State) -> Void = { _ in }, insert: @escaping @Sendable ([Event]) throws -> Void
  ) throws {
    folder = try SpoolFolder.make(for: SpoolFolder.destination(destination), in: dataFolder)
    self.options = options
    self.report = report
    self.insert = insert
    // The time sorts the files by age, for people and for the process that takes them over.
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

  /// The current state of delivery.
  public var state: State {
    condition.withLock { currentState }
  }

  /// The current state. The caller holds `condition`.
  var currentState: State {
    var state = counts
    state.waiting = max(0, segments.reduce(0) { $0 + $1.lines } - cursor.lines)
    return state
  }

  // MARK: Taking over

  /// Takes over the segments of processes that have ended. The caller holds the folder's lock.
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

  /// Writes events to disk in order, and returns only when they are there.
  ///
  /// Calls at the same time share one wait for the disk. If this method throws, none of `events` is on disk for sure,
  /// and later calls work as if this one had not been made.
  ///
  /// - Throws: `SpoolError`. Its code is `full` if the disk is full, and `invalidValue` if `check` refuses an event.
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

  /// Whether an event can be kept.
  ///
  /// - Throws: `SpoolError` with code `invalidValue` if its time is not between the years 1583 and 9999.
  public static func check(_ event: Event) throws(SpoolError) { _ = try SpoolLine.encode(event) }

  private static let operation = "Keeping an event on disk"

  private static var closed: SpoolError {
    SpoolError(.closed, operation, cause: "the spool is closed", advice: "Open it again.")
  }

  /// Writes records to the current segment. The caller holds the folder's lock.
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
      // The file may end with half a line, so nothing more is written to it.
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

  /// Waits until the first `ticket` records of a writer are on disk. One thread at a time calls `fsync`, for all
  /// threads that wait. The caller holds `condition`.
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
        // It is unknown what has reached the disk, and the system does not retry, so writing continues in a new file.
        writer.failure = SpoolError(failure, Self.operation, path: folder.path)
        if self.writer === writer { self.writer = nil }
        try? folder.withLock { count(-writer.rollBack(), in: writer) }
      }
      condition.broadcast()
    }
  }

  /// Runs `body` while no other thread or process changes files. The caller holds `condition`.
  func exclusively<R>(_ body: () throws -> R) throws -> R {
    try folder.withLock {
      try catchUp()
      return try body()
    }
  }

  /// Finds the positions in files again after another process has rewritten them.
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
    // Rewriting changes the length of a line, but not the number of lines.
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
