import Foundation
import Recognize
import Values

/// The file of the model of fused distances: those in dlib's space and those in the second encoder's.
struct SecondFit: Encodable {
  struct Method: Encodable {
    let weight: Double
    let crowding: Crowding.Parameters
    let second: Normal
    let strangers: Normal
    let genuine: Normal
  }

  let encoder = SecondEncoder.identifier
  let centres: String
  let people: Int
  let face: Method
  let periocular: Method

  /// Fits the models of both methods.
  ///
  /// - Parameters:
  ///   - impostors: The models in dlib's space.
  ///   - cohort: Faces that measure crowding.
  ///   - others: Strangers, with their origins.
  init(
    _ impostors: ImpostorModels, cohort: [Subject], others: [(subject: Subject, origin: String?)], people: [Person]
  ) throws {
    let middle = fit_impostors.centres(of: cohort.compactMap(\.template.secondBare), count: 128, least: 5)
    centres = base64(middle.flatMap(\.values))
    self.people = cohort.count + others.count
    let fit = MethodFit(impostors: impostors, centres: centres, others: others, people: people)
    face = try fit.fitted(.face, weight: 0.7)
    periocular = try fit.fitted(.periocular, weight: 0.7)
    print("centres:   \(middle.count)")
  }
}

private struct MethodFit {
  let impostors: ImpostorModels
  let centres: String
  let others: [(subject: Subject, origin: String?)]
  let people: [Person]

  /// The places of a template and a probe of one face.
  private struct Placed {
    let template: PlacedTemplate
    let second: PlacedEmbedding
    let probe: PlacedProbe
    let secondProbe: PlacedEmbedding
  }

  func fitted(_ method: RecognitionMethod, weight: Double) throws -> SecondFit.Method {
    print("\(method.rawValue):")
    // With a mean of 0, a correction is half the share times the crowding.
    var crowding = try crowding(mean: 0)
    let corrections = others.compactMap { $0.subject.probe(method)?.second }.map {
      Double(crowding.place($0).correction) * 2 / crowding.parameters.share
    }
    crowding = try self.crowding(mean: corrections.reduce(0, +) / Double(corrections.count))

    let placed = others.compactMap { other in place(other.subject, method, crowding).map { (other.origin, $0) } }
    var apart: [(first: Double, second: Double)] = []
    forEachPairOfOneOrigin(placed) { one, other in apart.append(distances(one, other)) }
    var together: [(first: Double, second: Double)] = []
    for person in people where !person.tellsMetric {
      forEachPair(person.subjects.compactMap { place($0, method, crowding) }) { one, other in
        together.append(distances(one, other))
      }
    }
    try requirePairs(together.map(\.first))
    let second = strangers(apart.map(\.second))
    func fused(_ pair: (first: Double, second: Double)) -> Double {
      (1 - weight) * pair.first + weight * (pair.second - second.mean) / second.deviation
    }
    return SecondFit.Method(
      weight: weight, crowding: crowding.parameters, second: second, strangers: strangers(apart.map(fused)),
      genuine: genuine(together.map(fused)))
  }

  private func crowding(mean: Double) throws -> Crowding {
    let parameters = Crowding.Parameters(centres: nil, nearest: 5, share: 1, mean: mean)
    guard let crowding = Crowding(parameters, centres: centres, dimensions: SecondEncoder.dimensions) else {
      throw NoPairs()
    }
    return crowding
  }

  private func place(_ subject: Subject, _ method: RecognitionMethod, _ crowding: Crowding) -> Placed? {
    guard let probe = subject.probe(method), let secondProbe = probe.second,
      let second = method == .face ? subject.template.secondBare : subject.template.secondForCovered
    else { return nil }
    return Placed(
      template: impostors.place(subject.template), second: crowding.place(second), probe: impostors.place(probe),
      secondProbe: crowding.place(secondProbe))
  }

  /// The distances between a face's template and another's probe: in dlib's space in standard deviations, in the second
  /// encoder's corrected.
  private func distances(_ one: Placed, _ other: Placed) -> (first: Double, second: Double) {
    (
      impostors.compare(other.probe, one.template)?.deviations ?? 0,
      Double(one.second.distance(to: other.secondProbe))
    )
  }
}
