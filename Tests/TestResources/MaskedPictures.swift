package import Foundation
package import Mask
import Recognize
package import Vision

extension Pictures {
  private static let recognizer = Result { try Recognizer(models: Models.find()) }

  package struct NoFace: Error {}

  /// The portrait with something drawn over its face: a light blue surgical mask where nothing is said.
  package static func masked(
    _ file: URL, _ renderer: MaskRenderer = MaskRenderer(style: .surgical, seed: 3)
  ) throws -> Image {
    let image = try Photo(decoding: Photo.read(file.path)).image
    guard let face = Recognizer.main(of: try recognizer.get().faces(in: image), in: image) else { throw NoFace() }
    return try renderer.render(on: image, face.landmarks)
  }
}
