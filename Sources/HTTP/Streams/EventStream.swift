import Foundation

/// A server-sent event.
public struct ServerEvent: Sendable {
  /// The ID that the browser sends when it reconnects, to get the events that it missed; nil keeps the last ID.
  public var id: String?
  /// The name of the browser's event; "message" if nil.
  public var name: String?
  /// Any text, of one or several lines.
  public var data: String
  /// How long the browser waits before it reconnects, in milliseconds; nil changes nothing.
  public var retry: Int?

  /// An event. Line ends and NUL are removed from `id` and `name`, where they are not allowed.
  public init(id: String? = nil, name: String? = nil, data: String, retry: Int? = nil) {
    (self.id, self.name, self.data, self.retry) = (id, name, data, retry)
  }

  var text: String {
    func line(_ text: String) -> String { String(text.unicodeScalars.filter { !"\r\n\0".unicodeScalars.contains($0) }) }
    var text = ""
    if let id { text += "id: \(line(id))\n" }
    if let name { text += "event: \(line(name))\n" }
    if let retry { text += "retry: \(retry)\n" }
    for part in Self.lines(data) { text += "data: \(part)\n" }
    return text + "\n"
  }

  /// The lines of a text, with any kind of line end.
  static func lines(_ text: String) -> [String] {
    // By bytes: comparing characters costs a hundred times as much.
    var lines: [[UInt8]] = [[]]
    var last: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n") where last == UInt8(ascii: "\r"): break
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): lines.append([])
      default: lines[lines.count - 1].append(byte)
      }
      last = byte
    }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// A stream of events to one client.
///
/// Sending never waits. If a client is so slow that the buffer is full, its connection is cut. The browser then
/// reconnects with the ID of the last event that it has received. When there are no events, the server regularly sends
/// a comment. The comment keeps proxies from closing the connection and detects clients that are gone.
public final class EventStream: Sendable {
  let body: BodyStream

  /// - Parameter limit: The most bytes that wait for the client.
  public init(limit: Int = 64 << 10) {
    body = BodyStream(limit: limit)
    body.keepAlive(with: Data(":\n\n".utf8))
  }

  /// Sends an event.
  ///
  /// - Returns: Whether the event was sent. False if the client is gone, or if its connection was cut because it is too
  ///   slow.
  @discardableResult
  public func send(_ event: ServerEvent) -> Bool { body.offer(Data(event.text.utf8)) }

  /// Sends a comment, which browsers ignore.
  @discardableResult
  public func comment(_ text: String) -> Bool {
    let lines = ServerEvent.lines(text)
    return body.offer(Data((lines.map { ": \($0)\n" }.joined() + "\n").utf8))
  }

  /// The number of bytes that the client has not read yet. If only the newest event matters, the program can wait until
  /// this is 0 before it sends more.
  public var waiting: Int { body.waiting }

  /// Whether the client is connected, as far as is known.
  public var isOpen: Bool { body.isOpen }

  /// Ends the stream. Events that were sent still arrive. A browser will reconnect.
  public func end() { body.end() }

  /// Calls `action` once when the client is gone, or at once if it is gone already. `action` must be quick.
  public func whenClosed(_ action: @escaping @Sendable () -> Void) { body.whenClosed(action) }
}
