package import Faces
package import Foundation
import Recognize
import Values
import Vision

extension Roster {
  /// People enrolled with one photo each, as `rollcall enroll` does it; their IDs are their names.
  package init(
    _ people: [(name: String, photo: URL)], _ engine: FaceEngine, fpir: Double = Matcher.defaultFPIR
  ) throws {
    self.init(try ImpostorModels(models: Models.find()), fpir: fpir)
    for (name, photo) in people {
      let image = try Photo(decoding: Photo.read(photo.path)).image
      guard let face = Recognizer.main(of: try engine.recognizer.faces(in: image), in: image) else {
        throw VisionError(.invalid, while: "enroll \(name)", "there is no face in \(photo.path)")
      }
      let masked = try PeriocularEncoder.chips(of: face, in: image, aligner: engine.recognizer.aligner)
      add(PersonName(id: name, name: name))
      add(try engine.templates(of: [(face.chip, masked)])[0].byEncoder, digest: photo.path, of: name)
    }
  }
}
