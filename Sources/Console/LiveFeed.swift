import Formats
import Foundation
import HTTP
import Posix
import Vision

/// Shows what cameras see to whoever watches: pictures with the faces in them, as they come.
///
/// Only the newest counts. A watcher that has not taken its last picture yet does not get the next one, so a slow network makes it see fewer pictures, not
/// older ones.
final class LiveFeed: Sendable {
  /// What a watcher wants to see.
  struct Wish: Sendable {
    /// nil for all cameras.
    let cameras: Set<String>?
    let hasPictures: Bool
    /// Of pictures, in pixels; smaller ones stay as they are.
    let width: Int
  }

  private struct Watcher {
    let wish: Wish
    let stream: EventStream
  }

  /// Holds a picture of this size several times over.
  private static let limit = 4 << 20
  private static let quality = 75
  private let watchers = Guarded<[ObjectIdentifier: Watcher]>([:])

  /// How many watch.
  var count: Int { watchers.withLock { $0.count } }

  /// A new watcher, who is told `hello` first.
  func watch(_ wish: Wish, hello: [ServerEvent]) -> EventStream {
    let stream = EventStream(limit: Self.limit)
    for event in hello { stream.send(event) }
    watchers.withLock { $0[ObjectIdentifier(stream)] = Watcher(wish: wish, stream: stream) }
    stream.whenClosed { [weak self, weak stream] in
      guard let self, let stream else { return }
      _ = self.watchers.withLock { $0.removeValue(forKey: ObjectIdentifier(stream)) }
    }
    return stream
  }

  /// Tells everybody.
  func tell(_ event: ServerEvent) {
    for watcher in all { watcher.stream.send(event) }
  }

  /// Shows a camera's picture to those who want to see it and are ready for it.
  ///
  /// - Parameter moment: What is said of it, an object's members; the picture is added behind them.
  func show(_ camera: String, _ image: Image, _ moment: @autoclosure () -> [JSONValue.Member]) {
    let ready = all.filter { $0.wish.cameras?.contains(camera) ?? true && $0.stream.waiting == 0 }
    guard !ready.isEmpty else { return }
    let members = moment()
    // Most watchers want the same.
    var texts: [Int: String] = [:]
    for watcher in ready {
      let width = watcher.wish.hasPictures ? min(watcher.wish.width, image.width) : 0
      let text = texts[width] ?? Self.text(members, width > 0 ? image : nil, width: width)
      texts[width] = text
      watcher.stream.send(ServerEvent(name: "moment", data: text))
    }
  }

  func end() {
    for watcher in all { watcher.stream.end() }
  }

  private var all: [Watcher] { watchers.withLock { Array($0.values) } }

  private static func text(_ members: [JSONValue.Member], _ image: Image?, width: Int) -> String {
    let picture = image.flatMap { image -> String? in
      let height = max(1, image.height * width / image.width)
      let scaled = width < image.width ? try? image.resized(width: width, height: height) : image
      // A picture that cannot be encoded is one of many: its faces are still told.
      guard let data = try? scaled?.encoded(as: .jpeg, quality: quality) else { return nil }
      return "data:image/jpeg;base64," + data.base64EncodedString()
    }
    return JSONValue.object(members + [.init("picture", .optional(picture))]).text()
  }
}
