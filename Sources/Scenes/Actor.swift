import CVision
package import Recognize
package import Vision

/// What stands before the camera: a portrait, bare and with things drawn over it.
package struct Actor: Sendable {
  /// What the truth calls the actor.
  package let name: String
  /// What the actor can wear besides nothing.
  package let covers: [Cover]
  let figure: Figure

  /// Faces are filmed up to about this size; more pixels would only slow everything down.
  private static let largestFace = 200.0

  /// Cuts head and shoulders out of a portrait, the largest face of it, once bare and once with each of the covers.
  ///
  /// - Parameters:
  ///   - name: What the truth calls the actor.
  ///   - portrait: Upright and from the front; films cannot be sharper than it.
  ///   - recognizer: Finds the face.
  ///   - covers: What roles may put on.
  /// - Throws: `VisionError` with code `invalid` when the portrait has no face or a very small one.
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

  /// Which of the figure's looks shows the cover; nil when it was not rendered.
  func look(_ cover: Cover) -> Int? {
    cover == .bare ? 0 : covers.filter { $0 != .bare }.firstIndex(of: cover).map { $0 + 1 }
  }
}

/// The native figure.
///
/// `@unchecked Sendable`: looks are added while the actor is made, before anybody else has the figure; afterwards it is only read.
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
