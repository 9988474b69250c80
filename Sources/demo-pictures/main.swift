import Foundation
import Mask
import Recognize
import Scenes
import Values
import Video
import Vision

// Composes the pictures of `make demo` from the pictures that set-up fetched.
//
// usage: demo-pictures PICTURES OUTPUT [FACES…]
//   with FACES: only films OUTPUT/FACES.mp4 with so many people in front of the camera at once, for Benchmarks/live
//   OUTPUT/people/…    one photo per person to enroll
//   OUTPUT/door/…      pictures as from a camera at the door: other photos, a worse copy, a group
//   OUTPUT/masks/…     the same people bare, and with masks and other coverings drawn on
//   OUTPUT/masked/…    the people at the door again, all with masks
//   OUTPUT/door.mp4    the three come to the door, put masks on and off, and pass in front of each other

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  FileHandle.standardError.write(Data("usage: demo-pictures PICTURES OUTPUT [FACES…]\n".utf8))
  exit(2)
}
let pictures = URL(fileURLWithPath: arguments[1])
let output = URL(fileURLWithPath: arguments[2])
let recognizer = try Recognizer(models: Models.find())

func load(_ name: String) throws -> Image {
  try Photo(decoding: Photo.read(pictures.appendingPathComponent(name).path)).image
}

func save(_ image: Image, _ path: String, quality: Int = 90) throws {
  let file = output.appendingPathComponent(path)
  try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
  try image.encoded(as: .jpeg, quality: quality).write(to: file)
}

/// Head and shoulders, scaled so that the face has the given width in pixels.
func bust(_ image: Image, face width: Double) throws -> Image {
  guard let face = Recognizer.main(of: try recognizer.faces(in: image), in: image) else {
    throw NoFace()
  }
  let box = face.detection.box
  let wanted = Rect(
    x: box.x - box.width * 0.9, y: box.y - box.height * 0.9, width: box.width * 2.8, height: box.height * 3.6)
  let there = wanted.intersection(image.bounds)
  let crop = try image.cropped(x: Int(there.x), y: Int(there.y), width: Int(there.width), height: Int(there.height))
  let scale = width / box.width
  return try crop.resized(width: Int(Double(crop.width) * scale), height: Int(Double(crop.height) * scale))
}

/// The picture with a covering drawn on its largest face.
func covered(_ image: Image, _ style: MaskRenderer.Style, _ wear: MaskRenderer.Wear = .well, seed: UInt64) throws
  -> Image
{
  guard let face = Recognizer.main(of: try recognizer.faces(in: image), in: image) else { throw NoFace() }
  return try MaskRenderer(style: style, wear: wear, seed: seed).render(on: image, face.landmarks)
}

/// The picture in less light.
func dimmed(_ image: Image, to share: Double) throws -> Image {
  let rgb = image.withPixels { $0.map { UInt8(Double($0) * share) } }
  return try Image(rgb: rgb, width: image.width, height: image.height)
}

/// The pictures side by side on a wall, aligned at the lower edge.
func group(_ people: [Image]) throws -> Image {
  let margin = 30
  let width = people.reduce(margin) { $0 + $1.width + margin }
  let height = (people.map(\.height).max() ?? 0) + 60
  var x = margin
  var parts: [(image: Image, x: Int, y: Int)] = []
  for person in people {
    parts.append((person, x, height - person.height))
    x += person.width + margin
  }
  return try Image.composed(width: width, height: height, background: (red: 203, green: 197, blue: 186), parts)
}

func write(_ scene: Scene, _ name: String) throws {
  let film = try VideoWriter(
    output.appendingPathComponent(name).path, width: scene.width, height: scene.height, rate: scene.rate)
  for index in 0..<scene.frameCount { try film.append(scene.frame(index).image) }
  try film.finish()
}

/// A portrait has no face, so set-up fetched the wrong pictures.
struct NoFace: Error {}

let obama = try load("obama.jpg")
let speaking = try load("obama2.jpg")
let standing = try load("obama3.jpg")
let biden = try load("biden.jpg")
let collins = try load("astronaut.png")

if arguments.count > 3 {
  try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
  for count in arguments.dropFirst(3).compactMap({ Int($0) }) {
    let actors = try (0..<count).map { index in
      try Actor(
        name: "\(index)", portrait: [obama, biden, collins, standing][index % 4], recognizer: recognizer,
        covers: [.mask(index.isMultiple(of: 2) ? .surgical : .cloth, seed: UInt64(index))])
    }
    try write(.crowd(actors, duration: 16, seed: 5), "\(count).mp4")
  }
  exit(0)
}

try save(obama, "people/Barack_Obama/portrait.jpg")
try save(biden, "people/Joe_Biden/portrait.jpg")
try save(collins, "people/Eileen_Collins/portrait.jpg")

try save(speaking, "door/1-speaking.jpg")
try save(standing, "door/2-standing.jpg")
try save(dimmed(bust(biden, face: 70), to: 0.45), "door/3-biden-far-and-dim.jpg", quality: 60)
try save(bust(collins, face: 70), "door/4-collins-far.jpg", quality: 50)
try save(
  group([bust(collins, face: 150), bust(standing, face: 165), bust(biden, face: 155)]), "door/5-group.jpg")

let portraits = try (bust(obama, face: 190), bust(biden, face: 190), bust(collins, face: 190))
try save(
  group([
    portraits.0, covered(portraits.0, .surgical, seed: 3), covered(portraits.1, .respirator, seed: 2),
    covered(portraits.2, .cloth, seed: 8),
  ]), "masks/1-bare-and-worn-well.jpg")
try save(
  group([
    covered(portraits.0, .surgical, .underNose, seed: 3), covered(portraits.1, .cloth, .chin, seed: 4),
    covered(portraits.2, .scarf, seed: 5), covered(portraits.1, .hand, seed: 6),
  ]), "masks/2-worn-wrongly-and-no-mask.jpg")

try save(
  group([
    covered(bust(standing, face: 180), .surgical, seed: 11), covered(bust(biden, face: 170), .respirator, seed: 12),
    covered(bust(collins, face: 165), .cloth, seed: 13),
  ]), "masked/group.jpg")

let actors = try [
  Actor(
    name: "Obama", portrait: obama, recognizer: recognizer, covers: [.mask(.surgical, seed: 3)]),
  Actor(
    name: "Biden", portrait: biden, recognizer: recognizer,
    covers: [.mask(.respirator, seed: 2), .incorrect(.surgical, seed: 7)]),
  Actor(name: "Collins", portrait: collins, recognizer: recognizer),
]
try write(.crowd(actors, duration: 16, seed: 5), "door.mp4")
