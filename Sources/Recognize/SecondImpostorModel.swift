internal import Values
import Vision

/// The distribution of fused distances between strangers: those in dlib's space together with those in the second
/// encoder's, for one method.
///
/// Both distances are expressed in standard deviations from the mean of strangers; the fused distance is their weighted
/// mean. models/second-encoder.md says how the weights were chosen.
struct SecondImpostorModel: Sendable {
  struct Parameters: Decodable {
    /// The weight of the second encoder's distance, 0…1. The other distance has the rest.
    let weight: Double
    let crowding: Crowding.Parameters
    /// Corrected distances between strangers in the second encoder's space.
    let second: DistanceModel.Normal
    /// Fused distances between strangers.
    let strangers: DistanceModel.Normal
    /// Fused distances between pictures of one person.
    let genuine: DistanceModel.Normal
  }

  /// The distributions of fused distances.
  let fused: DistanceModel
  private let weight: Double
  private let second: DistanceModel.Normal
  private let crowding: Crowding

  /// Nil if the parameters contradict each other.
  init?(_ parameters: Parameters, centres: String?) {
    fused = DistanceModel(strangers: parameters.strangers, genuine: parameters.genuine)
    (weight, second) = (parameters.weight, parameters.second)
    guard fused.isUsable, second.deviation > 0, (0...1).contains(weight),
      let crowding = Crowding(parameters.crowding, centres: centres, dimensions: SecondEncoder.dimensions)
    else { return nil }
    self.crowding = crowding
  }

  func place(_ embedding: Embedding) -> PlacedEmbedding { crowding.place(embedding) }

  /// - Parameters:
  ///   - first: The distance in dlib's space, in standard deviations.
  ///   - distance: The corrected distance in the second encoder's space.
  func fuse(first: Double, second distance: Double) -> Comparison {
    let deviations = (distance - second.mean) / second.deviation
    return Comparison(distance: (1 - weight) * first + weight * deviations, model: fused)
  }
}

/// The fused models of both methods.
struct SecondImpostorModels: Sendable {
  private struct Parameters: Decodable {
    let encoder: String
    /// Centres of groups of faces in the second encoder's space, as base64.
    let centres: String
    let face: SecondImpostorModel.Parameters
    let periocular: SecondImpostorModel.Parameters
  }

  let face: SecondImpostorModel
  let periocular: SecondImpostorModel

  /// - Throws: `VisionError` with code `model` if the file is missing or belongs to another encoder.
  init(models: Models) throws(VisionError) {
    let parameters = try models.parameters(.secondImpostors, as: Parameters.self)
    guard parameters.encoder == SecondEncoder.identifier,
      let face = SecondImpostorModel(parameters.face, centres: parameters.centres),
      let periocular = SecondImpostorModel(parameters.periocular, centres: parameters.centres)
    else {
      throw VisionError(
        .model, while: "read the second encoder's impostor model", "it does not belong to \(SecondEncoder.identifier)")
    }
    (self.face, self.periocular) = (face, periocular)
  }

  subscript(method: RecognitionMethod) -> SecondImpostorModel {
    switch method {
    case .face: face
    case .periocular: periocular
    }
  }
}
