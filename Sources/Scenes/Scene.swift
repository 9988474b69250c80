import CVision
import Foundation
package import Mask
package import Vision

/// What is right about one face of a frame.
package struct Truth: Sendable {
  /// Whose face.
  package let name: String
  /// Where a detector draws its box, as `Detection.box`; may lie outside the picture.
  package let box: Rect
  /// What covers mouth and nose.
  package let mask: MaskLabel
  /// The share of the box that is inside the picture and not hidden by another actor, 0…1.
  package let visible: Double
}

/// The light of a scene, and the camera that sees it.
package struct Light: Sendable {
  /// What every level is multiplied with.
  package var gain: Double
  /// By how much the gain goes up and down in the course of seconds, as a share of it.
  package var drift: Double
  /// The share of the light that is missing in the picture's corners, 0…1.
  package var vignette: Double
  /// Standard deviation of the sensor's noise, in 8-bit levels.
  package var noise: Double
  /// Standard deviation of the blur, in pixels.
  package var blur: Double

  /// Light of a kind of its own.
  package init(gain: Double = 1, drift: Double = 0, vignette: Double = 0, noise: Double = 0, blur: Double = 0) {
    (self.gain, self.drift, self.vignette, self.noise, self.blur) = (gain, drift, vignette, noise, blur)
  }

  /// As good as it gets.
  package static let even = Light(gain: 1, drift: 0.03, vignette: 0.1, noise: 1.5)
  /// Clouds go by, and the lens is not the best.
  package static let changing = Light(gain: 0.95, drift: 0.15, vignette: 0.25, noise: 3, blur: 0.6)
  /// An evening without lamps.
  package static let dim = Light(gain: 0.5, drift: 0.08, vignette: 0.35, noise: 6, blur: 0.8)
}

/// A film that is calculated, so that it is known who is where and wears what.
package struct Scene: Sendable {
  /// Pixels.
  package let width: Int
  /// Pixels.
  package let height: Int
  /// Frames a second.
  package let rate: Double
  /// Seconds.
  package let duration: Double
  /// Who does what.
  package let roles: [Role]
  /// The light.
  package let light: Light
  private let seed: UInt64
  private let hall: Result<Image, any Error>

  /// - Parameters:
  ///   - width: Pixels.
  ///   - height: Pixels.
  ///   - rate: Frames a second.
  ///   - duration: Seconds.
  ///   - roles: Who does what. A larger face is nearer and hides smaller ones.
  ///   - light: The light.
  ///   - seed: Chooses noise and colours of the place.
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

  /// Frames from the first to the last.
  package var frameCount: Int { max(0, Int((duration * rate).rounded())) }

  /// One picture, and what is right about it: one for every actor on stage, in the order of the roles. Frames can be asked for in any
  /// order and from several threads, and are always the same.
  ///
  /// - Throws: `VisionError` with code `invalid` when an actor puts on something that was not rendered for it.
  package func frame(_ index: Int) throws -> (image: Image, truth: [Truth]) {
    let time = Double(index) / rate
    var cast: [(role: Int, cover: Cover, face: Keyframe, placement: rc_placement)] = []
    for (number, role) in roles.enumerated() {
      guard let face = role.place(at: time) else { continue }
      let cover = role.cover(at: time)
      guard let look = role.actor.look(cover) else {
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
