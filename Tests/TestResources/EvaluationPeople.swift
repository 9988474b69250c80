package import Foundation
package import Recognize
import Values
import Vision

extension EvaluationData {
  /// Two photos of one person.
  package struct Person: Sendable {
    /// As the folder of the photos is called.
    package let name: String
    /// To be enrolled.
    package let enroll: URL
    /// Another one, to be filmed.
    package let film: URL
  }

  /// People of `lfw-dev` with two photos in each of which there is one face, large, sharp and from the front; always
  /// the same ones.
  ///
  /// - Returns: nil where the photos are missing; fewer than asked for when there are no more.
  package static func people(_ count: Int, recognizer: Recognizer) throws -> [Person]? {
    guard let images = folder("lfw-dev")?.appendingPathComponent("images") else { return nil }
    let manager = FileManager.default
    var people: [Person] = []
    for name in try manager.contentsOfDirectory(atPath: images.path).sorted() where people.count < count {
      let own = images.appendingPathComponent(name)
      let photos = try manager.contentsOfDirectory(atPath: own.path).sorted().map(own.appendingPathComponent)
      guard photos.count >= 2 else { continue }
      var clear: [URL] = []
      for photo in photos where clear.count < 2 {
        if try isClear(photo, recognizer) { clear.append(photo) }
      }
      if clear.count == 2 { people.append(Person(name: name, enroll: clear[0], film: clear[1])) }
    }
    return people
  }

  private static func isClear(_ photo: URL, _ recognizer: Recognizer) throws -> Bool {
    let image = try Photo(decoding: Photo.read(photo.path)).image
    let faces = try recognizer.faces(in: image)
    guard faces.count == 1, let face = faces.first, face.detection.score > 0.7 else { return false }
    let box = face.detection.box
    guard box.width > 85, box.intersection(image.bounds).area > 0.99 * box.area else { return false }
    let quality = try face.chip.quality()
    guard quality.sharpness > 40, (80...190).contains(quality.brightness), quality.contrast > 25 else { return false }
    // From the front, the nose is in the middle below the eyes.
    let (left, right) = (face.landmarks.leftEyeOuter, face.landmarks.rightEyeOuter)
    let across = (left.x - right.x, left.y - right.y)
    let nose = (face.landmarks.nose.x - right.x, face.landmarks.nose.y - right.y)
    let share = (nose.0 * across.0 + nose.1 * across.1) / (across.0 * across.0 + across.1 * across.1)
    return abs(share - 0.5) < 0.08
  }
}
