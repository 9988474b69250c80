import Enroll
import Foundation
import Recognize
import Vision

// Fits the impostor model of the face encoder: `make fit-impostors`. models/face-impostors.md says what on and why.
//
// usage: fit-impostors STRANGERS.csv PEOPLE_FOLDER OUTPUT.json
//   STRANGERS.csv   columns file, age, gender, race; one person per photo
//   PEOPLE_FOLDER   one folder of photos per person

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  FileHandle.standardError.write(Data("usage: fit-impostors STRANGERS.csv PEOPLE_FOLDER OUTPUT.json\n".utf8))
  exit(2)
}
Memory.returnLargeBlocks()
let recognizer = try Recognizer(models: Models.find())

/// The main face of each photo that would be enrolled; the others are left out.
func embeddings(_ files: [URL]) throws -> [(file: URL, embedding: Embedding)] {
  var found: [(URL, Embedding)] = []
  try forEachInOrder(files) { file -> Chip? in
    // Loosely cropped faces fill the picture; the detector needs room around them.
    guard let photo = try? Photo(decoding: Photo.read(file.path)),
      let padded = try? photo.image.cropped(
        x: -photo.image.width / 4, y: -photo.image.height / 4, width: photo.image.width * 3 / 2,
        height: photo.image.height * 3 / 2),
      let faces = try? recognizer.faces(
        in: padded, options: Detector.Options(threshold: Detector.clearFace, minimumFace: 60)),
      case .success(let good)? = try? QualityGate().judge(faces, in: padded)
    else { return nil }
    return good.face.chip
  } consume: { file, chip in
    if let chip, let embedding = try recognizer.encoder.encode([chip]).first { found.append((file, embedding)) }
    if found.count % 500 == 1 { FileHandle.standardError.write(Data("  \(found.count) faces\n".utf8)) }
  }
  return found
}

/// Centres of groups of faces, by k-means from evenly spread starts. Groups of fewer than `least` people are dropped, so that no
/// centre is anybody's template.
func centres(of faces: [Embedding], count: Int, least: Int) -> [Embedding] {
  var centres = stride(from: 0, to: faces.count, by: max(1, faces.count / count)).prefix(count).map { faces[$0] }
  var groups: [[Embedding]] = []
  for _ in 0..<15 {
    groups = [[Embedding]](repeating: [], count: centres.count)
    for face in faces {
      let nearest = centres.indices.min { face.distance(to: centres[$0]) < face.distance(to: centres[$1]) }
      groups[nearest ?? 0].append(face)
    }
    centres = zip(centres, groups).map { old, group in mean(of: group) ?? old }
  }
  return zip(centres, groups).filter { $1.count >= least }.map(\.0)
}

func mean(of faces: [Embedding]) -> Embedding? {
  guard !faces.isEmpty else { return nil }
  return Embedding(
    (0..<Embedding.count).map { place in faces.reduce(0) { $0 + $1.values[place] } / Float(faces.count) })
}

/// The model's file, written twice: without the normal distributions first, to have the corrected distances that they describe.
struct Fitted: Encodable {
  struct Normal: Encodable {
    var mean = 1.0
    var deviation = 1.0
    var pairs = 0
  }
  struct Crowding: Encodable {
    let centres: String
    let nearest = 5
    let share = 0.8
    var mean = 0.0
  }
  let encoder = FaceEncoder.identifier
  var people = 0
  var strangers = Normal()
  var genuine = Normal()
  var crowding: Crowding

  func write(to file: URL) throws -> ImpostorModel {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let data = try encoder.encode(self) + Data("\n".utf8)
    try data.write(to: file)
    // A model is read by its name in a folder, and the output may be called anything.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fit-impostors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(at: folder) }
    try data.write(to: folder.appendingPathComponent(Models.File.faceImpostors.rawValue))
    return try ImpostorModel(models: Models(folder: folder))
  }
}

let output = URL(fileURLWithPath: arguments[3])
let list = URL(fileURLWithPath: arguments[1])
let rows = try String(contentsOf: list, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
  .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
let base = list.deletingLastPathComponent()
let race = Dictionary(rows.map { (base.appendingPathComponent($0[0]), $0[3]) }, uniquingKeysWith: { first, _ in first })
let faces = try embeddings(rows.map { base.appendingPathComponent($0[0]) })

// One face in three measures crowding, the others measure strangers: what the correction has seen must not judge it.
let cohort = faces.enumerated().filter { $0.offset % 3 == 0 }.map(\.element.embedding)
let others = faces.enumerated().filter { $0.offset % 3 != 0 }.map(\.element)
let middle = centres(of: cohort, count: 256, least: 5)
let bytes = middle.flatMap(\.values).reduce(into: Data()) { data, value in
  withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
}
var fitted = Fitted(people: faces.count, crowding: .init(centres: bytes.base64EncodedString()))
let bare = try fitted.write(to: output)
// With a mean of 0 and a share of 0.8, a correction is 0.4 times the crowding.
fitted.crowding.mean =
  others.map { Double(bare.place($0.embedding).correction) / 0.4 }.reduce(0, +) / Double(others.count)
let model = try fitted.write(to: output)

// Strangers of one origin only: the people of one school or clinic look more alike than the people of the world.
let placed = others.map { (origin: race[$0.file], embedding: model.place($0.embedding)) }
var strangers: [Float] = []
for (index, one) in placed.enumerated() {
  for other in placed[(index + 1)...] where other.origin == one.origin {
    strangers.append(one.embedding.distance(to: other.embedding))
  }
}
strangers.sort()
// The normal distribution through the quantiles from 0.5 % to 10 %. Not from further below: the photos of strangers hold a few
// pictures of one person, about one pair in two thousand, which no longer are strangers.
let quantiles = [(0.1, -1.2816), (0.05, -1.6449), (0.02, -2.0537), (0.01, -2.3263), (0.005, -2.5758)]
let points = quantiles.map { (z: $0.1, distance: Double(strangers[Int(Double(strangers.count) * $0.0)])) }
let meanZ = points.map(\.z).reduce(0, +) / Double(points.count)
let meanDistance = points.map(\.distance).reduce(0, +) / Double(points.count)
let slope =
  points.map { ($0.z - meanZ) * ($0.distance - meanDistance) }.reduce(0, +)
  / points.map { ($0.z - meanZ) * ($0.z - meanZ) }.reduce(0, +)
fitted.strangers = .init(mean: meanDistance - slope * meanZ, deviation: slope, pairs: strangers.count)

var genuine: [Float] = []
let people = try FileManager.default.contentsOfDirectory(
  at: URL(fileURLWithPath: arguments[2]), includingPropertiesForKeys: nil)
for person in people.sorted(by: { $0.path < $1.path }) {
  let photos = try FileManager.default.contentsOfDirectory(at: person, includingPropertiesForKeys: nil)
  let own = try embeddings(photos.sorted { $0.path < $1.path }.prefix(6).map(\.self)).map { model.place($0.embedding) }
  for (index, one) in own.enumerated() {
    for other in own[(index + 1)...] { genuine.append(one.distance(to: other)) }
  }
}
// A folder's mislabelled photos are no genuine pairs: the middle of the distribution tells its width.
genuine.sort()
let deviation = Double(genuine[genuine.count * 84 / 100] - genuine[genuine.count * 16 / 100]) / 2
fitted.genuine = .init(mean: Double(genuine[genuine.count / 2]), deviation: deviation, pairs: genuine.count)
_ = try fitted.write(to: output)
print("strangers: \(fitted.strangers)")
print("genuine:   \(fitted.genuine)")
print("centres:   \(middle.count)")
for (share, z) in quantiles {
  print("  \(share): \(strangers[Int(Double(strangers.count) * share)]), fitted \(meanDistance + slope * (z - meanZ))")
}
