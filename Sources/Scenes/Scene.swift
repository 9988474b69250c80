import CScenes
import Foundation
package import Values
package import Vision

/// The truth about one face of a frame.
package struct Truth: Sendable {
  /// The name of the actor.
  package let name: String
  /// The box that a detector would report, as `Detection.box`. It may lie outside the picture.
  package let box: Rect
  /// What covers mouth and nose.
  package let mask: MaskLabel
  /// The visible share of the box, 0 to 1: inside the picture and not hidden by another actor.
  package let visible: Double
}

/// The light of a scene, and the properties of its camera.
package struct Light: Sendable {
  /// The factor by which every level is multiplied.
  package var gain: Double
  /// The amplitude of the slow change of the gain, as a share of it. It changes within seconds.
  package var drift: Double
  /// The share of light that is missing in the corners of the picture, 0 to 1.
  package var vignette: Double
  /// The standard deviation of the sensor's noise, in 8-bit levels.
  package var noise: Double
  /// The standard deviation of the blur, in pixels.
  package var blur: Double

  /// Creates a light.
  package init(gain: Double = 1, drift: Double = 0, vignette: Double = 0, noise: Double = 0, blur: Double = 0) {
    (self.gain, self.drift, self.vignette, self.noise, self.blur) = (gain, drift, vignette, noise, blur)
  }

  /// Even light and a good camera.
  package static let even = Light(gain: 1, drift: 0.03, vignette: 0.1, noise: 1.5)
  /// Light that changes as clouds pass, and a mediocre lens.
  package static let changing = Light(gain: 0.95, drift: 0.15, vignette: 0.25, noise: 3, blur: 0.6)
  /// An evening without lamps.
  package static let dim = Light(gain: 0.5, drift: 0.08, vignette: 0.35, noise: 6, blur: 0.8)
}

/// A computed film. For every frame it is known who is where and what each person wears.
///
/// ```swift
/// let actor = try Actor(name: "Ada", portrait: portrait, recognizer: recognizer, covers: [.mask(.surgical, seed: 1)])
/// let scene = Scene.door(actor)
/// let (image, truth) = try scene.frame(100)
/// ```
package struct Scene: Sendable {
  /// The width of a frame in pixels.
  package let width: Int
  /// The height of a frame in pixels.
  package let height: Int
  /// The number of frames per second.
  package let rate: Double
  /// The duration in seconds.
  package let duration: Double
  /// The roles of the film.
  package let roles: [Role]
  /// The light.
  package let light: Light
  private let seed: UInt64
  private let hall: Result<Image, any Error>

  /// Creates a scene.
  ///
  /// - Parameters:
  ///   - width: The width of a frame in pixels.
  ///   - height: The height of a frame in pixels.
  ///   - rate: Frames per second.
  ///   - duration: Seconds.
  ///   - roles: The roles of the film. A larger face is nearer and hides smaller ones.
  ///   - light: The light.
  ///   - seed: The seed of the noise and of the colours of the place.
  package init(
    width: Int = 1280, height: Int = 720, rate: Double = 25, duration: Double, roles: [Role], light: Light = .even,
    seed: UInt64 = 0
  ) {
    (self.width, self.height, self.rate, self.duration) = (width, height, rate, duration)
    (self.roles, self.light, self.seed) = (roles, light, seed)
    hall = Result {
      try Image(width: width, height: height) { _ in }.edited("draw a hall") { rc_image_hall($0, seed, $1) }
    }
  }

  /// The number of frames.
  package var frameCount: Int { max(0, Int((duration * rate).rounded())) }

  /// One frame, with the truth about each actor on stage, in the order of the roles.
  ///
  /// Frames can be requested in any order and from several threads. They are always the same.
  ///
  /// - Throws: `VisionError` with code `invalid` if a role uses a cover that was not rendered for its actor.
  package func frame(_ index: Int) throws -> (image: Image, truth: [Truth]) {
    let time = Double(index) / rate
    var cast: [(role: Int, cover: Cover, face: Keyframe, placement: rc_placement)] = []
    for (number, role) in roles.enumerated() {
      guard let face = role.place(at: time) else { continue }
      let cover = role.cover(at: time)
      guard let look = role.actor.lookIndex(of: cover) else {
        throw VisionError(.invalid, while: "film a scene", "an actor puts on what was not rendered: \(cover)")
      }
      let angle = face.roll * .pi / 180
      cast.append(
        (
          number, cover, face,
          rc_placement(
            figure: role.actor.figure.handle, look: Int32(look),
            place: rc_similarity(
              a: face.size * cos(angle), b: face.size * sin(angle), dx: face.x * Double(width),
              dy: face.y * Double(height)), visible: 0)
        ))
    }
    cast.sort { ($0.face.size, $0.role) < ($1.face.size, $1.role) }
    var placements = cast.map(\.placement)
    let drift = light.drift * sin(2 * .pi * (time / 7.3 + Double(seed % 97) / 97))
    let sensor = rc_light(
      gain: light.gain * (1 + drift), vignette: light.vignette, blur: light.blur, noise: light.noise)
    let image = try withExtendedLifetime(roles) {
      try hall.get().edited("film a scene") { picture, error in
        let status = rc_figures_draw(picture, &placements, placements.count, error)
        return status == RC_OK
          ? rc_image_light(picture, sensor, seed &* 1_000_003 &+ UInt64(max(0, index)), error) : status
      }
    }
    let truth = zip(cast, placements).sorted { $0.0.role < $1.0.role }.map { one, placement in
      Truth(
        name: roles[one.role].actor.name,
        box: Rect(
          x: placement.place.dx - one.face.size / 2, y: placement.place.dy - one.face.size / 2, width: one.face.size,
          height: one.face.size),
        mask: one.cover.label, visible: placement.visible)
    }
    return (image, truth)
  }
}
