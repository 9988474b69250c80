import Foundation
import Recognize
import Vision

// Fits the impostor model of the face encoder: `make fit-impostors DATA=…`. See models/face-impostors.md.
//
// usage: fit-impostors STRANGERS.csv PEOPLE_FOLDER OUTPUT.json
//   STRANGERS.csv   columns file, age, gender, race; one person per photo, no two alike
//   PEOPLE_FOLDER   one folder of photos per person

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  FileHandle.standardError.write(Data("usage: fit-impostors STRANGERS.csv PEOPLE_FOLDER OUTPUT.json\n".utf8))
  exit(2)
}
let recognizer = try Recognizer(models: Models.find())

/// The main face of each photo; photos without one are left out.
func embeddings(_ files: [URL]) -> [(file: URL, embedding: Embedding)] {
  var chips: [(URL, Chip)] = []
  for (index, file) in files.enumerated() {
    if index % 500 == 0 { FileHandle.standardError.write(Data("  \(index) of \(files.count) photos\n".utf8)) }
    // Loosely cropped faces fill the picture; the detector needs room around them.
    guard let photo = try? Photo(decoding: Photo.read(file.path)),
      let padded = try? photo.image.cropped(
        x: -photo.image.width / 4, y: -photo.image.height / 4, width: photo.image.width * 3 / 2,
        height: photo.image.height * 3 / 2),
      let faces = try? recognizer.faces(in: padded, options: Detector.Options(threshold: 0, minimumFace: 60)),
      let face = Recognizer.main(of: faces, in: padded)
    else { continue }
    chips.append((file, face.chip))
  }
  let encoded = (try? recognizer.encoder.encode(chips.map(\.1))) ?? []
  return zip(chips, encoded).map { ($0.0, $1) }
}

/// How many of the pairs lie in each step of the distance.
struct Histogram {
  static let step = 0.01
  var counts = [Int](repeating: 0, count: 200)
  var total: Int { counts.reduce(0, +) }

  mutating func add(_ distance: Float) {
    counts[min(counts.count - 1, Int(Double(distance) / Histogram.step))] += 1
  }
}

let list = URL(fileURLWithPath: arguments[1])
let rows = try String(contentsOf: list, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
  .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
let base = list.deletingLastPathComponent()
let race = Dictionary(rows.map { (base.appendingPathComponent($0[0]), $0[3]) }, uniquingKeysWith: { first, _ in first })
let strangers = embeddings(rows.map { base.appendingPathComponent($0[0]) })

// Strangers of one origin only: the people of one school or clinic look more alike than the people of the world.
var impostors = Histogram()
for (index, one) in strangers.enumerated() {
  for other in strangers[(index + 1)...] where race[one.file] == race[other.file] {
    impostors.add(one.embedding.distance(to: other.embedding))
  }
}

var genuine: [Double] = []
let people = try FileManager.default.contentsOfDirectory(
  at: URL(fileURLWithPath: arguments[2]), includingPropertiesForKeys: nil)
for person in people.sorted(by: { $0.path < $1.path }) {
  let photos = try FileManager.default.contentsOfDirectory(at: person, includingPropertiesForKeys: nil)
  let own = embeddings(photos.sorted { $0.path < $1.path })
  for (index, one) in own.enumerated() {
    for other in own[(index + 1)...] { genuine.append(Double(one.embedding.distance(to: other.embedding))) }
  }
}
// A folder's mislabelled photos are no genuine pairs: the middle of the distribution tells its width.
genuine.sort()
let median = genuine[genuine.count / 2]
let deviation = (genuine[genuine.count * 84 / 100] - genuine[genuine.count * 16 / 100]) / 2

var below = 0
var table: [(distance: Double, logShare: Double, count: Int)] = []
for (index, count) in impostors.counts.enumerated() {
  below += count
  if count > 0 {
    table.append((Double(index + 1) * Histogram.step, log10(Double(below) / Double(impostors.total)), below))
  }
}
let result: [String: Any] = [
  "encoder": FaceEncoder.identifier, "pairs": impostors.total, "people": strangers.count,
  "distances": table.map { ($0.distance * 100).rounded() / 100 },
  "logShares": table.map { ($0.logShare * 10_000).rounded() / 10_000 },
  "genuine": ["mean": median, "deviation": deviation, "pairs": genuine.count],
]
let json = try JSONSerialization.data(withJSONObject: result, options: [.prettyPrinted, .sortedKeys])
try json.write(to: URL(fileURLWithPath: arguments[3]))
