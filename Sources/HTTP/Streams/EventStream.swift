import Foundation

/// A server-sent event.
public struct ServerEvent: Sendable {
  /// What the browser says when it comes back, to get what it missed; nil leaves the last one in force.
  public var id: String?
  /// The name of the browser's event; "message" when nil.
  public var name: String?
  /// Any text, also over several lines.
  public var data: String
  /// How long the browser waits before it comes back, in milliseconds; nil leaves it as it is.
  public var retry: Int?

  /// An event. Line ends and NUL in `id` and `name`, which have no place there, are left out.
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

  /// The lines of a text, whichever way they end.
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

/// Events on their way to one listener.
///
/// Writing never waits. A listener that falls so far behind that the buffer is full is cut off; its browser comes back
/// with the ID of the last event that it has seen. When there is nothing to say, the server sends a comment now and
/// then, which keeps proxies from closing the connection and finds listeners that are gone.
public final class EventStream: Sendable {
  let body: BodyStream

  /// - Parameter limit: how many bytes wait for the listener at most.
  public init(limit: Int = 64 << 10) {
    body = BodyStream(limit: limit)
    body.keepAlive(with: Data(":\n\n".utf8))
  }

  /// Sends an event.
  ///
  /// - Returns: false when the listener is gone, or was cut off for being too slow.
  @discardableResult
  public func send(_ event: ServerEvent) -> Bool { body.offer(Data(event.text.utf8)) }

  /// Sends a comment, which browsers pass over.
  @discardableResult
  public func comment(_ text: String) -> Bool {
    let lines = ServerEvent.lines(text)
    return body.offer(Data((lines.map { ": \($0)\n" }.joined() + "\n").utf8))
  }

  /// Bytes that the listener has not taken yet. Where only the newest counts, nothing more need be sent before this is
  /// 0.
  public var waiting: Int { body.waiting }

  /// Whether the listener is there, as far as is known.
  public var isOpen: Bool { body.isOpen }

  /// Ends the stream: what was sent still arrives. A browser will come back.
  public func end() { body.end() }

  /// Calls `action` once, when the listener is gone, or now if it is already. It must be quick.
  public func whenClosed(_ action: @escaping @Sendable () -> Void) { body.whenClosed(action) }
}
