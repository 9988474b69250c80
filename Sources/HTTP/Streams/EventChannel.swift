import Foundation

/// What is told to many listeners, with a memory for those who come back.
///
/// `@unchecked Sendable`: all that changes is only touched with `lock` locked.
public final class EventChannel: @unchecked Sendable {
  /// Recursive: a listener that `publish` finds too slow is forgotten while it publishes.
  private let lock = NSRecursiveLock()
  private let memory: Int
  /// Begins every ID: those of an earlier run of the program tell nothing about this one's events.
  private let run = String(UInt64.random(in: .min ... .max), radix: 36)
  private var last = 0
  /// The newest events, oldest first.
  private var events: [ServerEvent] = []
  private var listeners: [ObjectIdentifier: EventStream] = [:]

  /// - Parameter memory: how many events are kept for those who come back.
  public init(memory: Int = 1_000) {
    self.memory = memory
  }

  /// How many listen.
  public var count: Int { lock.withLock { listeners.count } }

  /// Tells all listeners.
  ///
  /// - Parameters:
  ///   - name: of the browser's event.
  ///   - data: any text.
  public func publish(name: String? = nil, data: String) {
    // Under the lock to the end, so that all listeners get all events in the same order.
    lock.withLock {
      last += 1
      let event = ServerEvent(id: "\(run)-\(last)", name: name, data: data)
      events.append(event)
      // Not at every event, which would move all of them.
      if events.count > 2 * memory { events.removeFirst(events.count - memory) }
      let bytes = Data(event.text.utf8)
      for listener in listeners.values { listener.body.offer(bytes) }
    }
  }

  /// A new listener. Its first event is called "hello", which gives it an ID to come back with; one that comes back
  /// gets what it missed instead.
  ///
  /// When what it missed is no longer known, its first event is called "reset": it must ask for everything anew.
  ///
  /// - Parameters:
  ///   - lastEventID: `Request.lastEventID`: it is told what was published since.
  ///   - limit: how many bytes wait for it at most; what it missed must fit in.
  public func listen(after lastEventID: String? = nil, limit: Int = 64 << 10) -> EventStream {
    let stream = EventStream(limit: limit)
    lock.withLock {
      if let lastEventID {
        let missed = missed(after: lastEventID)
        let size = missed?.reduce(0) { $0 + $1.text.utf8.count } ?? .max
        if let missed, size <= limit {
          for event in missed { stream.send(event) }
        } else {
          stream.send(ServerEvent(id: "\(run)-\(last)", name: "reset", data: ""))
        }
      } else {
        stream.send(ServerEvent(id: "\(run)-\(last)", name: "hello", data: ""))
      }
      listeners[ObjectIdentifier(stream)] = stream
    }
    stream.whenClosed { [weak self, weak stream] in
      if let stream { self?.forget(stream) }
    }
    return stream
  }

  /// What was published last, oldest first, at most so many.
  public func recent(_ count: Int) -> [String] { lock.withLock { events.suffix(count).map(\.data) } }

  /// Forgets what was published. Who comes back with the ID of an earlier event is told to ask for everything anew.
  public func forget() {
    lock.withLock { events = [] }
  }

  /// Ends all streams.
  public func end() {
    let all = lock.withLock { Array(listeners.values) }
    for listener in all { listener.end() }
  }

  private func forget(_ listener: EventStream) {
    _ = lock.withLock { listeners.removeValue(forKey: ObjectIdentifier(listener)) }
  }

  private func missed(after id: String) -> ArraySlice<ServerEvent>? {
    let parts = id.split(separator: "-")
    guard parts.count == 2, parts[0] == run, let number = Int(parts[1]), 0...last ~= number,
      last - number <= min(events.count, memory)
    else { return nil }
    return events.suffix(last - number)
  }
}
