public import Foundation
import Posix
public import Store
import Values

extension Spool {
  /// Delivers the events that ended processes have left for `store`, and returns when all are delivered. It costs next
  /// to nothing if there are none, so any command may begin with it.
  ///
  /// - Returns: The state after the delivery.
  /// - Throws: `SpoolError`, `StoreError`. Events that were not delivered stay on disk.
  @discardableResult
  public static func recover(dataFolder: URL, store: Store) throws -> State {
    try recover(dataFolder: dataFolder, destination: store.address) { _ = try store.insertEvents($0) }
  }

  package static func recover(
    dataFolder: URL, destination: String, insert: @escaping @Sendable ([Event]) throws -> Void
  ) throws -> State {
    let url = SpoolFolder.root(in: dataFolder).appending(path: SpoolFolder.destination(destination))
    guard FileManager.default.fileExists(atPath: url.path(percentEncoded: false)),
      try SpoolFolder(at: url).names().contains(where: { SpoolFolder.owner(ofSegment: $0) != nil })
    else { return State() }
    let spool = try Spool(dataFolder: dataFolder, destination: destination, insert: insert)
    defer { spool.close(timeout: 0) }
    while try spool.deliverBatch() {}
    return spool.state
  }

  /// The number of events that wait for databases other than `store`, for example after `--mongodb` was changed.
  public static func waitingElsewhere(dataFolder: URL, store: Store) throws -> Int {
    let own = SpoolFolder.destination(store.address)
    var count = 0
    for url in SpoolFolder.all(in: dataFolder) where url.lastPathComponent != own {
      let folder = try SpoolFolder(at: url)
      for name in try folder.names() where SpoolFolder.owner(ofSegment: name) != nil {
        try folder.forEachLine(of: name) { _, isWhole, _ in
          count += isWhole ? 1 : 0
          return true
        }
      }
    }
    return count
  }

  /// Closes the spool. It accepts no more events, waits until those on disk are delivered, and leaves the rest for the
  /// next process that opens the spool. A second call does nothing.
  ///
  /// - Parameter timeout: How long to wait, in seconds.
  /// - Returns: The last state. The events that wait stay on disk.
  @discardableResult
  public func close(timeout: Double) -> State {
    condition.withLock {
      isClosing = true
      condition.broadcast()
      let deadline = Date(timeIntervalSinceNow: timeout)
      while ownership != nil, !isDrained, condition.wait(until: deadline) {}
      if ownership != nil {
        let last = currentState
        try? folder.withLock { try leave() }
        // From here on, any process may take over the rest.
        ownership = nil
        writer = nil
        counts = last
        condition.broadcast()
      }
      return currentState
    }
  }

  private var isDrained: Bool {
    segments.allSatisfy { $0.name == writer?.name } && (writer.map { $0.isSynced && $0.size == 0 } ?? true)
  }

  private func leave() throws {
    guard isDrained else { return }
    for segment in segments { try folder.remove(segment.name) }
    segments = []
    try folder.remove(owner + SpoolFolder.Name.owner)
  }

  // MARK: Thread

  /// Starts the delivering thread.
  package func start() {
    Thread.detachNewThread { [self] in run() }
  }

  private func run() {
    var pause = options.firstPause
    while true {
      do {
        if try deliverBatch() {
          pause = options.firstPause
          continue
        }
        let isOpen = condition.withLock {
          while ownership != nil, !hasWork { condition.wait() }
          return ownership != nil
        }
        if !isOpen { return }
      } catch {
        let state: State? = condition.withLock {
          counts.failure = Self.describe(error)
          return ownership == nil ? nil : currentState
        }
        guard let state else { return }
        report(state)
        let isOpen = condition.withLock {
          let deadline = Date(timeIntervalSinceNow: pause)
          // `close` should not have to wait for the end of the pause.
          let wasClosing = isClosing
          while ownership != nil, isClosing == wasClosing, condition.wait(until: deadline) {}
          return ownership != nil
        }
        if !isOpen { return }
        pause = min(pause * 2, options.longestPause)
      }
    }
  }

  private var hasWork: Bool {
    guard let first = segments.first else { return false }
    guard let writer, writer.name == first.name else { return true }
    return cursor.offset < writer.syncedSize
  }

  private static func describe(_ error: any Error) -> String {
    switch error {
    case let error as StoreError: error.description
    case let error as SpoolError: error.description
    // Any other error may contain a name, so its text is not used.
    default: "Recording sightings failed. They wait on disk."
    }
  }

  // MARK: Batches

  /// One delivery: consecutive lines of the first segment.
  private struct Batch {
    struct Record {
      let line: Data
      let event: Event
    }

    /// The number of rewritings of files, when the batch was read.
    let rewritings: Int
    var records: [Record] = []
    var foreign: [Data] = []
    var damaged: [Data] = []
    var end: Int
    var lines = 0
  }

  /// Delivers the next events that are on disk.
  ///
  /// - Returns: Whether there were any. False also if the spool is closed.
  /// - Throws: The errors of `insert`, and `SpoolError`. Nothing is then removed from disk.
  func deliverBatch() throws -> Bool {
    guard let batch = try condition.withLock({ try nextBatch() }) else { return false }
    var refused: [Data] = []
    var reason: String?
    try deliver(batch.records[...]) { line, cause in
      refused.append(line)
      reason = cause
    }
    if !batch.foreign.isEmpty {
      refused += batch.foreign
      reason = "A newer Rollcall has written them. Deliver them with that one."
    }
    let state = try condition.withLock {
      try finish(batch, refused: refused, reason: reason)
      condition.broadcast()
      return currentState
    }
    report(state)
    return true
  }

  /// The next batch; nil if there is nothing to deliver. The caller holds `condition`.
  private func nextBatch() throws -> Batch? {
    guard ownership != nil, !segments.isEmpty else { return nil }
    return try exclusively {
      try dropDelivered()
      guard let first = segments.first else {
        condition.broadcast()
        return nil
      }
      let isOpen = first.name == writer?.name
      let limit = isOpen ? writer?.syncedSize ?? 0 : folder.size(first.name)
      guard cursor.offset < limit else { return nil }
      var batch = Batch(rewritings: rewritings, end: cursor.offset)
      try folder.forEachLine(of: first.name, from: cursor.offset, limit: limit) { line, isWhole, end in
        let line = Data(line)
        switch SpoolLine.decode(line) {
        case .event(let event): batch.records.append(.init(line: line, event: event))
        case .foreign: batch.foreign.append(line)
        // The process or the machine stopped while this line was written: `append` had not returned.
        case .damaged where !isWhole: break
        case .damaged: batch.damaged.append(line)
        }
        batch.end = end
        batch.lines += isWhole ? 1 : 0
        return batch.lines < options.batch
      }
      return batch
    }
  }

  /// Inserts records. A record that can never be inserted does not hold back the others.
  private func deliver(_ records: ArraySlice<Batch.Record>, refuse: (Data, String) -> Void) throws {
    guard !records.isEmpty else { return }
    do {
      try insert(records.map(\.event))
    } catch let error as StoreError where [.invalidValue, .refused].contains(error.code) {
      if records.count == 1 {
        for record in records { refuse(record.line, error.description) }
      } else {
        let middle = (records.startIndex + records.endIndex) / 2
        try deliver(records[..<middle], refuse: refuse)
        try deliver(records[middle...], refuse: refuse)
      }
    }
  }

  private func finish(_ batch: Batch, refused: [Data], reason: String?) throws {
    // The spool was closed in the meantime. The files may belong to another process, which delivers the batch again.
    guard ownership != nil else { return }
    try exclusively {
      // The files were rewritten in the meantime. The lines of the batch may hold an ID that no file may hold any more.
      // The rewritten lines come next.
      guard rewritings == batch.rewritings else { return }
      try setAside(refused, in: SpoolFolder.Name.refused)
      try setAside(batch.damaged, in: SpoolFolder.Name.damaged)
      counts.failure = nil
      counts.delivered += batch.records.count + batch.foreign.count - refused.count
      counts.refused += refused.count
      counts.damaged += batch.damaged.count
      if let reason { counts.refusal = reason }
      cursor.lines += batch.lines
      cursor.offset = batch.end
      try dropDelivered()
    }
  }

  private func setAside(_ lines: [Data], in name: String) throws {
    guard !lines.isEmpty else { return }
    let data = Data(lines.map { $0 + Data("\n".utf8) }.joined())
    try folder.attempt("Setting aside what cannot be delivered") { () throws(SystemFailure) in
      try folder.append(data, to: name)
    }
  }

  /// Removes delivered events from disk.
  private func dropDelivered() throws {
    while let first = segments.first {
      if let writer, writer.name == first.name {
        guard cursor.offset > 0, cursor.offset == writer.size, writer.isSynced else { return }
        try folder.attempt("Removing delivered events") { () throws(SystemFailure) in try writer.empty() }
        segments[0].lines = 0
        cursor = Cursor()
        return
      }
      guard cursor.offset >= folder.size(first.name) else { return }
      try folder.attempt("Removing delivered events") { () throws(SystemFailure) in try folder.remove(first.name) }
      segments.removeFirst()
      cursor = Cursor()
    }
  }
}
