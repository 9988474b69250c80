import Faces
import Foundation
import Recognize
import Values

/// The file of a model of distances in dlib's space.
///
/// It is first written without the normal distributions, because these describe the corrected distances, which need the
/// rest of the model.
struct FirstFit: Encodable {
  struct WithCovered: Encodable {
    var strangers = Normal()
    var genuine = Normal()
  }
  let method: RecognitionMethod
  let encoder: String
  var people = 0
  /// Nil if the model has no metric.
  var metric: String?
  var strangers = Normal()
  var genuine = Normal()
  var withCovered: WithCovered?
  var crowding: Crowding.Parameters

  private enum CodingKeys: CodingKey {
    case encoder, people, metric, strangers, genuine, withCovered, crowding
  }

  func write(to file: URL, _ models: Models) throws -> ImpostorModel {
    let data = try fileContents(self)
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

  /// Fits the model of a method.
  ///
  /// - Parameters:
  ///   - cohort: Faces that measure crowding; only the face method needs them.
  ///   - others: Strangers, with their origins.
  init(
    _ method: RecognitionMethod, cohort: [Subject], others: [(subject: Subject, origin: String?)], people: [Person],
    models: Models, output: URL
  ) throws {
    let middle = method == .face ? fit_impostors.centres(of: cohort.map(\.template.bare), count: 256, least: 5) : []
    self.method = method
    encoder = method.encoder
    self.people = cohort.count + others.count
    withCovered = method == .face ? nil : WithCovered()
    // Without centres, those of the face encoder's model are used.
    let centres = method == .face ? base64(middle.flatMap(\.values)) : nil
    func crowding(mean: Double) -> Crowding.Parameters { .init(centres: centres, nearest: 5, share: 0.8, mean: mean) }
    self.crowding = crowding(mean: 0)
    if method == .periocular {
      // The differences between a probe and the templates of the person's other photos.
      let differences = people.filter(\.tellsMetric).flatMap { person in
        person.subjects.flatMap { probe in
          person.subjects.filter { $0.file != probe.file }.compactMap { other in
            probe.masked.map { zip($0.embedding.values, other.template.bare.values).map(-) }
          }
        }
      }
      metric = base64(Recognize.metric(of: differences))
      print("metric:    \(differences.count) pairs")
    }
    let bare = try write(to: output, models)
    // With a mean of 0, a correction is half the share times the crowding.
    let corrections = others.compactMap { $0.subject.probe(method) }.map {
      Double(bare.place($0.embedding).correction) * 2 / self.crowding.share
    }
    self.crowding = crowding(mean: corrections.reduce(0, +) / Double(corrections.count))
    let model = try write(to: output, models)

    let placed = others.compactMap { other in Placed(other.subject, method, model).map { (other.origin, $0) } }
    var apart: (toBare: [Double], toCovered: [Double]) = ([], [])
    forEachPairOfOneOrigin(placed) { one, other in
      apart.toBare.append(one.distance(to: other))
      if let distance = one.meanDistance(to: other) { apart.toCovered.append(distance) }
    }
    strangers = fit_impostors.strangers(apart.toBare)
    var together: (toBare: [Double], toCovered: [Double]) = ([], [])
    for person in people where method == .face || !person.tellsMetric {
      forEachPair(person.subjects.compactMap { Placed($0, method, model) }) { one, other in
        together.toBare.append(one.distance(to: other))
        if let distance = one.meanDistance(to: other) { together.toCovered.append(distance) }
      }
    }
    try requirePairs(together.toBare)
    genuine = fit_impostors.genuine(together.toBare)
    if method == .periocular {
      withCovered = .init(
        strangers: fit_impostors.strangers(apart.toCovered), genuine: fit_impostors.genuine(together.toCovered))
    }
    _ = try write(to: output, models)
    print("strangers: \(strangers)")
    print("genuine:   \(genuine)")
    if let withCovered { print("with covered templates: \(withCovered)") }
    print("centres:   \(middle.count)")
  }
}

/// A template and a probe of one face, with their places in the model.
private struct Placed {
  let template: PlacedTemplate.ForCovered
  let probe: PlacedEmbedding

  init?(_ subject: Subject, _ method: RecognitionMethod, _ model: ImpostorModel) {
    guard let probe = subject.probe(method) else { return nil }
    template = model.forCovered(bare: subject.template.bare, covered: subject.template.covered)
    self.probe = model.place(probe.embedding)
  }

  /// The distance from the bare template to the probe of another face.
  func distance(to other: Placed) -> Double { Double(template.bare.distance(to: other.probe)) }
  /// The distance from the bare and the covered template to the probe of another face; nil without a covered template.
  func meanDistance(to other: Placed) -> Double? {
    template.covered == nil ? nil : Double(template.distance(to: other.probe))
  }
}
