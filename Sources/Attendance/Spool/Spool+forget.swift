public import Foundation
import Posix
public import Store

extension Spool {
  /// The result of `forget`, with the proof that it worked.
  public struct Forgotten: Sendable, Equatable {
    /// The number of lines that held the ID and were rewritten without it.
    public let events: Int
    /// The number of lines in all files that still hold the ID. 0 is the proof.
    public let remaining: Int
  }

  /// Makes a person's waiting events anonymous, for all processes and all databases. Then searches every file of the
  /// spool for the ID.
  ///
  /// Call it after `Store.forget`. Events that another process is delivering at this moment are then recorded without
  /// the person. A file is rewritten as a whole and replaces the old one, so that a stop in between loses nothing.
  ///
  /// - Throws: `SpoolError`. Calling it again finishes the work.
  public static func forget(id: String, dataFolder: URL) throws -> Forgotten {
    var events = 0
    var remaining = 0
    for url in SpoolFolder.all(in: dataFolder) {
      let folder = try SpoolFolder(at: url)
      try folder.withLock {
        for name in try folder.names() where name.hasSuffix(SpoolFolder.Name.temporary) {
          try folder.attempt("Removing half a file") { () throws(SystemFailure) in try folder.remove(name) }
        }
        events += try forget(id, in: folder)
        for name in try texts(folder) {
          try folder.forEachLine(of: name) { line, _, _ in
            if SpoolLine.holds(id, line) { remaining += 1 }
            return true
          }
        }
      }
    }
    return Forgotten(events: events, remaining: remaining)
  }

  private static func texts(_ folder: SpoolFolder) throws -> [String] {
    try folder.names().filter { $0.hasSuffix(SpoolFolder.Name.segment) || $0 == SpoolFolder.Name.damaged }
  }

  /// Makes a person's events in one folder anonymous.
  ///
  /// - Returns: The number of lines that were rewritten.
  private static func forget(_ id: String, in folder: SpoolFolder) throws -> Int {
    var events = 0
    for name in try texts(folder) {
      var rewritten = Data()
      var changed = 0
      try folder.forEachLine(of: name) { line, isWhole, _ in
        let line = Data(line)
        if let other = try SpoolLine.forgetting(id, in: line) {
          changed += 1
          // Half a line gets no line end, because it would then look like a whole line that was damaged later.
          rewritten += isWhole ? other : other.dropLast()
        } else {
          rewritten += line + Data((isWhole ? "\n" : "").utf8)
        }
        return true
      }
      guard changed > 0 else { continue }
      try folder.attempt("Making waiting events anonymous") { () throws(SystemFailure) in
        if events == 0 { try folder.announceRewriting() }
        try folder.replace(name, with: rewritten)
      }
      events += changed
    }
    return events
  }
}

extension Store {
  /// Removes a person from the database, as `forget(id:)` does, and from the events that wait for it on this machine's
  /// disk.
  ///
  /// - Throws: `StoreError`, `SpoolError`.
  public func forget(id: String, dataFolder: URL) throws -> Forgotten {
    let forgotten = try forget(id: id)
    let waiting = try Spool.forget(id: id, dataFolder: dataFolder)
    return forgotten.adding(events: waiting.events, remaining: waiting.remaining)
  }
}
