import Foundation

/// A channel that publishes events to many clients. It keeps the newest events for clients that reconnect.
///
/// ```swift
/// let channel = EventChannel()
/// var router = Router()
/// router.on("GET", "/events") { .events(channel.listen(after: $0.lastEventID)) }
/// channel.publish(name: "arrival", data: "Ada")
/// ```
///
/// `@unchecked Sendable`: every variable is read and written with `lock` locked.
public final class EventChannel: @unchecked Sendable {
  /// Recursive, because `publish` removes a client that is too slow while it holds the lock.
  private let lock = NSRecursiveLock()
  private let memory: Int
  /// The prefix of every ID. IDs of an earlier run of the program say nothing about the events of this run.
  private let run = String(UInt64.random(in: .min ... .max), radix: 36)
  private var last = 0
  /// The newest events, oldest first.
  private var events: [ServerEvent] = []
  private var listeners: [ObjectIdentifier: EventStream] = [:]

  /// - Parameter memory: The number of events that are kept for clients that reconnect.
  public init(memory: Int = 1_000) {
    self.memory = memory
  }

  /// The number of clients that listen.
  public var count: Int { lock.withLock { listeners.count } }

  /// Sends an event to all clients.
  ///
  /// - Parameters:
  ///   - name: The name of the browser's event.
  ///   - data: Any text.
  public func publish(name: String? = nil, data: String) {
    // The lock is held to the end, so that all clients get all events in the same order.
    lock.withLock {
      last += 1
      let event = ServerEvent(id: "\(run)-\(last)", name: name, data: data)
      events.append(event)
      // Not at every event, because removing moves all remaining events.
      if events.count > 2 * memory { events.removeFirst(events.count - memory) }
      let bytes = Data(event.text.utf8)
      for listener in listeners.values { listener.body.offer(bytes) }
    }
  }

  /// Makes the event stream of a client. The first event of a new client is "hello", whose ID it sends when it
  /// reconnects. A client that reconnects gets the events that it missed instead.
  ///
  /// If the missed events are no longer known, the first event is "reset": the client must load everything again.
  ///
  /// - Parameters:
  ///   - lastEventID: The `Request.lastEventID` of the client. It gets the events that were published after this one.
  ///   - limit: The most bytes that wait for the client. The missed events must fit into it.
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

  /// The data of the newest events, oldest first, at most `count`.
  public func recent(_ count: Int) -> [String] { lock.withLock { events.suffix(count).map(\.data) } }

  /// Deletes the published events. A client that reconnects with the ID of an earlier event must load everything again.
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
