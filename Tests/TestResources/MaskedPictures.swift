import Foundation
import Recognize
import Vision

extension Pictures {
  private static let recognizer = Result { try Recognizer(models: Models.find()) }

  package struct NoFace: Error {}

  /// The portrait with a light blue cloth painted over nose, mouth and chin.
  package static func masked(_ file: URL) throws -> Image {
    let image = try Photo(decoding: Photo.read(file.path)).image
    guard let face = Recognizer.main(of: try recognizer.get().faces(in: image), in: image) else { throw NoFace() }
    // In shares of the face: 0 at the brows and one temple, 1 at the chin and the other.
    let toFace = try ChipGeometry(side: 100, padding: 0).place(face.landmarks).inverse
    let (width, height) = (image.width, image.height)
    let rgb = image.withPixels { pixels in
      var copy = Array(pixels)
      for y in 0..<height {
        for x in 0..<width {
          let place = toFace(Point(x: Double(x), y: Double(y))).scaled(by: 0.01)
          let half = 0.44 - 0.5 * max(0, place.y - 0.8)
          guard place.y > 0.42 + 0.3 * abs(place.x - 0.5), place.y < 1.1, abs(place.x - 0.5) < half else { continue }
          let fold = 12 * sin(place.y * 60)
          for (index, level) in [150.0, 195, 225].enumerated() {
            copy[(y * width + x) * 3 + index] = UInt8(level + fold)
          }
        }
      }
      return copy
    }
    return try Image(rgb: rgb, width: width, height: height)
  }
}
