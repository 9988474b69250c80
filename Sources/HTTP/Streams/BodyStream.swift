public import Foundation

/// A buffer of limited size, for bytes on their way to one client.
///
/// ```swift
/// var router = Router()
/// router.on("GET", "/log") { _ in
///   let stream = BodyStream()
///   stream.offer(Data("first line\n".utf8))
///   stream.end()
///   return Response(body: .stream(stream))
/// }
/// ```
///
/// The program writes into the buffer. The server reads from it as fast as the client does.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked.
public final class BodyStream: @unchecked Sendable {
  /// The error when nothing more can be written.
  public struct Closed: Error, Sendable {}

  /// The result of reading.
  enum Reading {
    case bytes(Int)
    /// The buffer is empty; `suspend` was called.
    case nothing
    case end
    /// The stream was cut, so the body is incomplete.
    case cut
  }

  private let condition = NSCondition()
  private let limit: Int
  private var buffer: [UInt8] = []
  /// How many bytes at the start of the buffer have been read.
  private var taken = 0
  private var isEnding = false
  private var isCut = false
  private var isAttached = false
  /// Resumes the reader, which found the buffer empty.
  private var resume: (() -> Void)?
  /// Cuts the connection.
  private var cutConnection: (() -> Void)?
  private var heartbeat: Data?
  private var lastWritten = ContinuousClock.now
  private var endings: [@Sendable () -> Void] = []

  /// - Parameter limit: The most bytes that wait for the client.
  public init(limit: Int = 256 << 10) {
    self.limit = limit
  }

  /// Whether bytes can be written: the stream is neither ended nor cut.
  public var isOpen: Bool { condition.withLock { !isEnding && !isCut } }

  /// The number of bytes that were written and not read yet.
  var waiting: Int { condition.withLock { buffer.count - taken } }

  /// Writes all bytes, and waits while the buffer is full.
  ///
  /// - Throws: `Closed` if the connection is gone, or if the client reads nothing for half a minute.
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

  /// Writes all bytes without waiting. If they do not fit into the buffer, the client has fallen too far behind and the
  /// connection is cut.
  ///
  /// - Returns: Whether the bytes were written.
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

  /// Ends the stream. Bytes that were written still arrive.
  public func end() {
    condition.withLock {
      isEnding = true
      wake()
    }
  }

  /// Cuts the connection. Bytes that were written may be lost.
  public func cut() { close(connectionIsGone: false) }

  /// Calls `action` once when the connection is gone, or at once if it is gone already. `action` must be quick.
  public func whenClosed(_ action: @escaping @Sendable () -> Void) {
    let isCut = condition.withLock {
      if !self.isCut { endings.append(action) }
      return self.isCut
    }
    if isCut { action() }
  }

  /// How long a writer waits for a client that reads nothing, in seconds.
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
    // With the lock held. A suspended connection exists until it is resumed, and only this method resumes it.
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

  /// Sets `heartbeat`, which is sent when nothing has been written for a while.
  func keepAlive(with heartbeat: Data) {
    condition.withLock { self.heartbeat = heartbeat }
  }

  func beat(after silence: Duration) {
    let due = condition.withLock { heartbeat != nil && .now - lastWritten >= silence ? heartbeat : nil }
    if let due { offer(due) }
  }

  /// Attaches the stream to a connection. Returns false if it has one already.
  func attach(cut: @escaping () -> Void) -> Bool {
    condition.withLock {
      guard !isAttached else { return false }
      isAttached = true
      cutConnection = isCut ? nil : cut
      return true
    }
  }

  /// Closes the stream because the connection is gone.
  func detach() { close(connectionIsGone: true) }

  /// Moves bytes from the buffer into `target`.
  ///
  /// - Parameter suspend: Suspends the reader, and returns the closure that resumes it.
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
