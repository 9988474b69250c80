import CScenes
import Mask
package import Recognize
import Values
package import Vision

/// A figure in a film, made from a portrait: bare and with each of its covers.
package struct Actor: Sendable {
  /// The name of the actor in the truth.
  package let name: String
  /// The covers that the actor can wear.
  package let covers: [Cover]
  let figure: Figure

  /// The largest useful width of a face, in pixels. More pixels would only make filming slower.
  private static let largestFace = 200.0

  /// Cuts out head and shoulders around the largest face of a portrait, once bare and once with each of the covers.
  ///
  /// - Parameters:
  ///   - name: The name of the actor in the truth.
  ///   - portrait: An upright portrait from the front. Films cannot be sharper than it.
  ///   - recognizer: Finds the face.
  ///   - covers: The covers that roles may use.
  /// - Throws: `VisionError` with code `invalid` if the portrait has no face or a very small one.
  package init(name: String, portrait: Image, recognizer: Recognizer, covers: [Cover] = []) throws {
    guard let found = Recognizer.main(of: try recognizer.faces(in: portrait), in: portrait) else {
      throw VisionError(.invalid, while: "cut a person out of a portrait", "there is no face in it")
    }
    self.name = name
    self.covers = covers
    let factor = min(1, Self.largestFace / found.detection.box.width)
    let image = try portrait.resized(
      width: max(1, Int(Double(portrait.width) * factor)), height: max(1, Int(Double(portrait.height) * factor)))
    let landmarks = found.landmarks.scaled(by: factor)
    figure = try Figure(portrait: image, face: found.detection.box.scaled(by: factor))
    for cover in covers {
      if let renderer = cover.renderer { try figure.add(renderer.render(on: image, landmarks)) }
    }
  }

  /// The index of the figure's look with this cover; nil if it was not rendered.
  func lookIndex(of cover: Cover) -> Int? {
    cover == .bare ? 0 : covers.filter { $0 != .bare }.firstIndex(of: cover).map { $0 + 1 }
  }
}

/// The native figure.
///
/// `@unchecked Sendable`: looks are added only while the actor is created, before other threads have the figure. After
/// that it is only read.
final class Figure: @unchecked Sendable {
  let handle: OpaquePointer

  init(portrait: Image, face: Rect) throws(VisionError) {
    handle = try portrait.withHandle { (portrait) throws(VisionError) in
      try make("cut a person out of a portrait") {
        rc_figure_create(
          portrait, rc_rect(x: face.x, y: face.y, width: face.width, height: face.height), $0, $1)
      }
    }
  }

  deinit { rc_figure_free(handle) }

  func add(_ look: Image) throws(VisionError) {
    try look.withHandle { (look) throws(VisionError) in
      try native("add a look to a person") { rc_figure_add(handle, look, $0) }
    }
  }
}
