import Formats
import Foundation
import HTTP
import Posix
import Vision

/// Shows the pictures of cameras, with their faces, to the viewers.
///
/// A viewer that has not received its last picture is skipped. Over a slow network a viewer therefore sees fewer
/// pictures, but never outdated ones.
final class LiveFeed: Sendable {
  /// The pictures that a viewer requests.
  struct Request: Sendable {
    /// The names of the cameras; nil means all.
    let cameras: Set<String>?
    let hasPictures: Bool
    /// The width of pictures, in pixels. Smaller pictures are not enlarged.
    let width: Int
  }

  private struct Viewer {
    let request: Request
    let stream: EventStream
  }

  /// The most bytes that wait for a viewer. A picture of the usual size fits several times.
  private static let limit = 4 << 20
  private static let quality = 75
  private let viewers = Guarded<[ObjectIdentifier: Viewer]>([:])

  /// The number of viewers.
  var count: Int { viewers.withLock { $0.count } }

  /// Adds a viewer, which receives the events in `hello` first.
  func add(_ request: Request, hello: [ServerEvent]) -> EventStream {
    let stream = EventStream(limit: Self.limit)
    for event in hello { stream.send(event) }
    viewers.withLock { $0[ObjectIdentifier(stream)] = Viewer(request: request, stream: stream) }
    stream.whenClosed { [weak self, weak stream] in
      guard let self, let stream else { return }
      _ = self.viewers.withLock { $0.removeValue(forKey: ObjectIdentifier(stream)) }
    }
    return stream
  }

  /// Sends an event to all viewers.
  func send(_ event: ServerEvent) {
    for viewer in all { viewer.stream.send(event) }
  }

  /// Shows the picture of a camera to the viewers that requested it and are ready for it.
  ///
  /// - Parameter moment: The members of a JSON object about the picture. The picture is appended to them.
  func show(_ camera: String, _ image: Image, _ moment: @autoclosure () -> [JSONValue.Member]) {
    let ready = all.filter { $0.request.cameras?.contains(camera) ?? true && $0.stream.waiting == 0 }
    guard !ready.isEmpty else { return }
    let members = moment()
    // Most viewers request the same width, so each width is encoded once.
    var texts: [Int: String] = [:]
    for viewer in ready {
      let width = viewer.request.hasPictures ? min(viewer.request.width, image.width) : 0
      let text = texts[width] ?? Self.text(members, width > 0 ? image : nil, width: width)
      texts[width] = text
      viewer.stream.send(ServerEvent(name: "moment", data: text))
    }
  }

  func end() {
    for viewer in all { viewer.stream.end() }
  }

  private var all: [Viewer] { viewers.withLock { Array($0.values) } }

  private static func text(_ members: [JSONValue.Member], _ image: Image?, width: Int) -> String {
    let picture = image.flatMap { image -> String? in
      let height = max(1, image.height * width / image.width)
      let scaled = width < image.width ? try? image.resized(width: width, height: height) : image
      // If a picture cannot be encoded, its faces are sent without it.
      guard let data = try? scaled?.encoded(as: .jpeg, quality: quality) else { return nil }
      return "data:image/jpeg;base64," + data.base64EncodedString()
    }
    return JSONValue.object(members + [.init("picture", .optional(picture))]).text()
  }
}
