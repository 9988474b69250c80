import Enroll
import Faces
import Foundation
import Mask
import Recognize
import Terminal
import Values
import Vision

// Fits the impostor model of an encoder: `make fit-impostors`. models/face-impostors.md describes the data and the
// reasons.
//
// usage: fit-impostors METHOD STRANGERS.csv PEOPLE_FOLDER OUTPUT.json [LEFT_OUT.txt]
//   METHOD          face or periocular. For periocular, the probes have masks of all styles drawn on, and the model
//                   builds on the model of the face encoder, which must exist
//   STRANGERS.csv   columns file, age, gender, race; one person per photo
//   PEOPLE_FOLDER   one folder of photos per person; some people give the metric of the periocular encoder, the others
//                   the genuine distances
//   LEFT_OUT.txt    names of folders in PEOPLE_FOLDER, one per line: people who were left out of the training and give
//                   the genuine distances; without this file, every other person does

let arguments = CommandLine.arguments
let given = (5...6).contains(arguments.count) ? RecognitionMethod(rawValue: arguments[1]) : nil
guard given != nil else {
  FileHandle.standardError.write(
    Data("usage: fit-impostors face|periocular STRANGERS.csv PEOPLE_FOLDER OUTPUT.json [LEFT_OUT.txt]\n".utf8))
  exit(2)
}
let method = given ?? .face
Memory.returnLargeBlocks()
let models = try Models.find()
let recognizer = try Recognizer(models: models)
let periocular = try method == .periocular ? PeriocularEncoder(models: models) : nil
let masks: [MaskRenderer.Style] = [.surgical, .respirator, .cloth, .patterned]

/// A face, encoded as a template and as a probe.
struct Subject {
  let file: URL
  let template: Embedding
  /// The template of the face behind masks.
  let covered: Embedding?
  let probe: Embedding
}

/// The main face of each photo that passes the quality gate. Other photos are skipped.
func subjects(_ files: [URL], title: String) throws -> [Subject] {
  var found: [Subject] = []
  let bar = ProgressBar(title, total: files.count)
  defer { bar.finish() }
  try forEachInOrder(files.enumerated().map { $0 }) { item -> (bare: Chip, drawn: [Chip], probe: Chip)? in
    let file = item.element
    // Tightly cropped faces fill the picture. The detector needs room around them.
    guard let photo = try? Photo(decoding: Photo.read(file.path)),
      let padded = try? photo.image.cropped(
        x: -photo.image.width / 4, y: -photo.image.height / 4, width: photo.image.width * 3 / 2,
        height: photo.image.height * 3 / 2),
      let faces = try? recognizer.faces(
        in: padded, options: Detector.Options(threshold: Detector.clearFace, minimumFace: 60)),
      case .success(let good)? = try? QualityGate().judge(faces, in: padded)
    else { return nil }
    guard method == .periocular else { return (good.face.chip, [], good.face.chip) }
    let renderer = MaskRenderer(style: masks[item.offset % masks.count], seed: UInt64(item.offset))
    guard let masked = try? renderer.render(on: padded, good.face.landmarks),
      let face = Recognizer.main(of: (try? recognizer.faces(in: masked)) ?? [], in: masked)
    else { return nil }
    let drawn = (try? PeriocularEncoder.chips(of: good.face, in: padded, aligner: recognizer.aligner)) ?? []
    return (good.face.chip, drawn, face.chip)
  } consume: { item, chips in
    bar.advance()
    guard let chips, let template = try recognizer.encoder.encode([chips.bare]).first else { return }
    let probe = try periocular?.encode([chips.probe]).first ?? template
    let covered = try periocular?.templates(of: [chips.drawn])[0]
    found.append(Subject(file: item.element, template: template, covered: covered, probe: probe))
  }
  return found
}

/// Little-endian 32-bit floats in base 64.
func base64(_ values: [Float]) -> String {
  values.reduce(into: Data()) { data, value in
    withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
  }.base64EncodedString()
}

/// The centres of groups of faces, by k-means from evenly spread starts.
///
/// Groups of fewer than `least` people are dropped, so that no centre is the template of one person.
func centres(of faces: [Embedding], count: Int, least: Int) -> [Embedding] {
  var centres = stride(from: 0, to: faces.count, by: max(1, faces.count / count)).prefix(count).map { faces[$0] }
  var groups: [[Embedding]] = []
  for _ in 0..<15 {
    groups = [[Embedding]](repeating: [], count: centres.count)
    for face in faces {
      let nearest = centres.indices.min { face.distance(to: centres[$0]) < face.distance(to: centres[$1]) }
      groups[nearest ?? 0].append(face)
    }
    centres = zip(centres, groups).map { old, group in Embedding(mean: group) ?? old }
  }
  return zip(centres, groups).filter { $1.count >= least }.map(\.0)
}

/// The model's file. It is first written without the normal distributions, because these describe the corrected
/// distances, which need the rest of the model.
struct Fitted: Encodable {
  struct Normal: Encodable {
    var mean = 1.0
    var deviation = 1.0
    var pairs = 0
  }
  struct WithCovered: Encodable {
    var strangers = Normal()
    var genuine = Normal()
  }
  struct Crowding: Encodable {
    /// Nil uses the centres of the face encoder's model.
    let centres: String?
    let nearest = 5
    let share = 0.8
    var mean = 0.0
  }
  let encoder = method.encoder
  var people = 0
  /// Nil if the model has no metric.
  var metric: String?
  var strangers = Normal()
  var genuine = Normal()
  var withCovered: WithCovered? = method == .face ? nil : WithCovered()
  var crowding: Crowding

  func write(to file: URL) throws -> ImpostorModel {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let data = try encoder.encode(self) + Data("\n".utf8)
    try data.write(to: file)
    // A model is read by a fixed name in a folder, but the output may have any name.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fit-impostors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(at: folder) }
    let face = Models.File.faceImpostors
    if method != .face {
      try FileManager.default.copyItem(at: models.url(face), to: folder.appendingPathComponent(face.rawValue))
    }
    try data.write(to: folder.appendingPathComponent(method.impostors.rawValue))
    return try ImpostorModel(models: Models(folder: folder), method: method)
  }
}

let output = URL(fileURLWithPath: arguments[4])
let list = URL(fileURLWithPath: arguments[2])
let rows = try String(contentsOf: list, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
  .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
let base = list.deletingLastPathComponent()
let race = Dictionary(rows.map { (base.appendingPathComponent($0[0]), $0[3]) }, uniquingKeysWith: { first, _ in first })
// One photo in three measures crowding, the others measure strangers. Photos that the correction has used must not
// judge it.
let photos = rows.map { base.appendingPathComponent($0[0]) }.enumerated()
let cohort =
  try method == .face
  ? subjects(photos.filter { $0.offset % 3 == 0 }.map(\.element), title: "Crowding").map(\.template) : []
let others = try subjects(photos.filter { $0.offset % 3 != 0 }.map(\.element), title: "Strangers")
let leftOut =
  try arguments.count == 6
  ? Set(String(contentsOfFile: arguments[5], encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)) : nil
let folders = try FileManager.default.contentsOfDirectory(
  at: URL(fileURLWithPath: arguments[3]), includingPropertiesForKeys: nil
).sorted { $0.path < $1.path }
let ownPhotos = try folders.map { folder in
  try FileManager.default.contentsOfDirectory(at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
    .sorted { $0.path < $1.path }.prefix(6)
}
let personOfPhoto = Dictionary(
  zip(0..., ownPhotos).flatMap { person, photos in photos.map { ($0, person) } },
  uniquingKeysWith: { first, _ in first })
let people = Dictionary(grouping: try subjects(ownPhotos.flatMap(\.self), title: "People")) {
  personOfPhoto[$0.file] ?? 0
}
.sorted { $0.key < $1.key }
// People on whom the encoder or the metric was fitted must not judge the fit.
.map { person, subjects in
  (
    subjects: subjects,
    tellsMetric: leftOut.map { !$0.contains(folders[person].lastPathComponent) } ?? (person % 2 == 0)
  )
}

let middle = method == .face ? centres(of: cohort, count: 256, least: 5) : []
var fitted = Fitted(
  people: cohort.count + others.count,
  crowding: .init(centres: method == .face ? base64(middle.flatMap(\.values)) : nil))
if method == .periocular {
  // The differences between a probe and the templates of the person's other photos.
  let differences = people.filter(\.tellsMetric).flatMap { person in
    person.subjects.flatMap { probe in
      person.subjects.filter { $0.file != probe.file }.map { zip(probe.probe.values, $0.template.values).map(-) }
    }
  }
  fitted.metric = base64(metric(of: differences))
  print("metric:    \(differences.count) pairs")
}
let bare = try fitted.write(to: output)
// With a mean of 0, a correction is half the share times the crowding.
fitted.crowding.mean =
  others.map { Double(bare.place($0.probe).correction) * 2 / fitted.crowding.share }.reduce(0, +) / Double(others.count)
let model = try fitted.write(to: output)

/// A template and a probe of one face, with their places in the model.
struct Placed {
  let template: PlacedTemplate
  let probe: PlacedEmbedding

  init(_ subject: Subject, _ model: ImpostorModel) {
    template = model.template(bare: subject.template, covered: subject.covered)
    probe = model.place(subject.probe)
  }

  /// The distance from the bare template to the probe of another face.
  func distance(to other: Placed) -> Float { template.bare.distance(to: other.probe) }
  /// The distance from the bare and the covered template to the probe of another face; nil without a covered template.
  func meanDistance(to other: Placed) -> Float? { template.covered == nil ? nil : template.distance(to: other.probe) }
}

/// The normal distribution through the quantiles from 0.5 % to 10 %.
///
/// Lower quantiles are not used: the photos of strangers contain a few pictures of the same person, about one pair in
/// two thousand.
func strangers(_ unsorted: [Float]) -> Fitted.Normal {
  let strangers = unsorted.sorted()
  let quantiles = [(0.1, -1.2816), (0.05, -1.6449), (0.02, -2.0537), (0.01, -2.3263), (0.005, -2.5758)]
  let points = quantiles.map { (z: $0.1, distance: Double(strangers[Int(Double(strangers.count) * $0.0)])) }
  let meanZ = points.map(\.z).reduce(0, +) / Double(points.count)
  let meanDistance = points.map(\.distance).reduce(0, +) / Double(points.count)
  let slope =
    points.map { ($0.z - meanZ) * ($0.distance - meanDistance) }.reduce(0, +)
    / points.map { ($0.z - meanZ) * ($0.z - meanZ) }.reduce(0, +)
  for (share, z) in quantiles + [(0.001, -3.0902), (0.0001, -3.719)] {
    print(
      "  \(share): \(strangers[Int(Double(strangers.count) * share)]), fitted \(meanDistance + slope * (z - meanZ))")
  }
  return .init(mean: meanDistance - slope * meanZ, deviation: slope, pairs: strangers.count)
}

/// The normal distribution of genuine distances. Its width comes from the middle of the distances, because a folder may
/// contain mislabelled photos, which are not genuine pairs.
func genuine(_ unsorted: [Float]) -> Fitted.Normal {
  let genuine = unsorted.sorted()
  let deviation = Double(genuine[genuine.count * 84 / 100] - genuine[genuine.count * 16 / 100]) / 2
  return .init(mean: Double(genuine[genuine.count / 2]), deviation: deviation, pairs: genuine.count)
}

let placed = others.map { (origin: race[$0.file], face: Placed($0, model)) }
// Only strangers of the same origin are compared, because the people of one school or clinic look more alike than the
// people of the world.
var apart: (toBare: [Float], toCovered: [Float]) = ([], [])
for (index, one) in placed.enumerated() {
  for other in placed[(index + 1)...] where other.origin == one.origin {
    apart.toBare.append(one.face.distance(to: other.face))
    if let distance = one.face.meanDistance(to: other.face) { apart.toCovered.append(distance) }
  }
}
fitted.strangers = strangers(apart.toBare)

var together: (toBare: [Float], toCovered: [Float]) = ([], [])
for person in people where method == .face || !person.tellsMetric {
  let own = person.subjects.map { Placed($0, model) }
  for (index, one) in own.enumerated() {
    for other in own[(index + 1)...] {
      together.toBare.append(one.distance(to: other))
      if let distance = one.meanDistance(to: other) { together.toCovered.append(distance) }
    }
  }
}
guard !together.toBare.isEmpty else {
  FileHandle.standardError.write(
    Data("\(arguments[3]): no folder with two photos of one person in which a face is found\n".utf8))
  exit(1)
}
fitted.genuine = genuine(together.toBare)
if method == .periocular {
  fitted.withCovered = .init(strangers: strangers(apart.toCovered), genuine: genuine(together.toCovered))
}
_ = try fitted.write(to: output)
print("strangers: \(fitted.strangers)")
print("genuine:   \(fitted.genuine)")
if let covered = fitted.withCovered { print("with covered templates: \(covered)") }
print("centres:   \(middle.count)")
