public import Foundation

/// Bytes on their way to one client, in a buffer with an end.
///
/// Whoever has the bytes writes; the server takes them out as fast as the client reads.
///
/// `@unchecked Sendable`: all that changes is only touched with `condition` locked.
public final class BodyStream: @unchecked Sendable {
  /// Why nothing more can be written.
  public struct Closed: Error, Sendable {}

  /// How reading went.
  enum Reading {
    case bytes(Int)
    /// Nothing there now; `suspend` was called.
    case nothing
    case end
    /// What was written is not all of it.
    case cut
  }

  private let condition = NSCondition()
  private let limit: Int
  private var buffer: [UInt8] = []
  /// How many of the buffer's first bytes are gone.
  private var taken = 0
  private var isEnding = false
  private var isCut = false
  private var isAttached = false
  /// Wakes the reader, which found nothing.
  private var resume: (() -> Void)?
  /// Cuts the connection.
  private var cutConnection: (() -> Void)?
  private var heartbeat: Data?
  private var lastWritten = ContinuousClock.now
  private var endings: [@Sendable () -> Void] = []

  /// - Parameter limit: how many bytes wait for the client at most.
  public init(limit: Int = 256 << 10) {
    self.limit = limit
  }

  /// Whether something that is written now could arrive.
  public var isOpen: Bool { condition.withLock { !isEnding && !isCut } }

  /// Bytes that were written and not taken yet.
  var waiting: Int { condition.withLock { buffer.count - taken } }

  /// Writes, and waits for the client to make room.
  ///
  /// - Throws: `Closed` when the connection is gone, or the client takes nothing for half a minute.
  public func write(_ data: Data) throws {
    var rest = data[...]
    while !rest.isEmpty {
      let fits = condition.withLock {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while buffer.count - taken >= limit, !isCut, !isEnding, condition.wait(until: deadline) {}
        let room = isCut || isEnding ? 0 : min(limit - (buffer.count - taken), rest.count)
        if room > 0 { append(rest.prefix(room)) }
        return room
      }
      guard fits > 0 else {
        cut()
        throw Closed()
      }
      rest = rest.dropFirst(fits)
    }
  }

  /// Writes all of it or, when the client has fallen too far behind, cuts the connection. Never waits.
  ///
  /// - Returns: whether it was written.
  @discardableResult
  public func offer(_ data: Data) -> Bool {
    let (isWritten, isFull) = condition.withLock {
      guard !isCut, !isEnding else { return (false, false) }
      guard buffer.count - taken + data.count <= limit else { return (false, true) }
      append(data)
      return (true, false)
    }
    if isFull { cut() }
    return isWritten
  }

  /// Ends the stream: what has been written still arrives.
  public func end() {
    condition.withLock {
      isEnding = true
      wake()
    }
  }

  /// Cuts the connection; what has been written may be lost.
  public func cut() { close(connectionIsGone: false) }

  /// Calls `action` once, when the connection is gone, or now if it is already. It must be quick.
  public func whenClosed(_ action: @escaping @Sendable () -> Void) {
    let isCut = condition.withLock {
      if !self.isCut { endings.append(action) }
      return self.isCut
    }
    if isCut { action() }
  }

  /// How long a writer waits for a client that takes nothing, in seconds.
  private static let patience = 30.0

  private func append(_ data: Data) {
    if taken > limit / 2 || taken == buffer.count {
      buffer.removeFirst(taken)
      taken = 0
    }
    buffer.append(contentsOf: data)
    lastWritten = .now
    wake()
  }

  private func wake() {
    // With the lock held: the connection exists as long as it is suspended, and only this wakes it.
    resume?()
    resume = nil
    condition.broadcast()
  }

  private func close(connectionIsGone: Bool) {
    let (cutConnection, endings) = condition.withLock { () -> ((() -> Void)?, [@Sendable () -> Void]) in
      guard !isCut else { return (nil, []) }
      isCut = true
      buffer = []
      taken = 0
      wake()
      defer { (self.cutConnection, self.endings) = (nil, []) }
      return (connectionIsGone ? nil : self.cutConnection, self.endings)
    }
    cutConnection?()
    for ending in endings { ending() }
  }

  // MARK: The server's side

  /// Sends `heartbeat` whenever nothing has been written for a while.
  func keepAlive(with heartbeat: Data) {
    condition.withLock { self.heartbeat = heartbeat }
  }

  func beat(after silence: Duration) {
    let due = condition.withLock { heartbeat != nil && .now - lastWritten >= silence ? heartbeat : nil }
    if let due { offer(due) }
  }

  /// Gives the stream to a connection; false when it has one already.
  func attach(cut: @escaping () -> Void) -> Bool {
    condition.withLock {
      guard !isAttached else { return false }
      isAttached = true
      cutConnection = isCut ? nil : cut
      return true
    }
  }

  /// The connection is gone.
  func detach() { close(connectionIsGone: true) }

  /// Takes bytes out.
  ///
  /// - Parameter suspend: stops asking, until what it returns is called.
  func read(into target: UnsafeMutableRawBufferPointer, suspend: () -> () -> Void) -> Reading {
    condition.withLock {
      if isCut { return .cut }
      let count = min(target.count, buffer.count - taken)
      if count > 0 {
        buffer.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + count])) }
        taken += count
        condition.broadcast()
        return .bytes(count)
      }
      if isEnding { return .end }
      resume = suspend()
      return .nothing
    }
  }
}
