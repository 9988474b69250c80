import Values
package import Vision

/// The distribution of distances between strangers, for one way to encode a probe.
///
/// dlib's space is crowded in some places and empty in others. Faces of children or of East Asian women, for example,
/// lie nearer to each other than those of the men of press photos that the encoder was trained on. One distance
/// therefore means different things for them.
///
/// The model corrects this. It measures on a cohort how crowded the place of each embedding is, and corrects distances
/// by it. The corrected distances between strangers follow one normal distribution, whatever the population. The
/// threshold for a gallery's size is derived from that distribution; no threshold is set by hand.
public struct ImpostorModel: Sendable {
  private struct Parameters: Decodable {
    struct WithCovered: Decodable {
      let strangers: DistanceModel.Normal
      let genuine: DistanceModel.Normal
    }
    /// The encoder's identifier.
    let encoder: String
    /// The matrix that multiplies embeddings before they are compared: little-endian 32-bit floats, row by row, as
    /// base64. Without it, embeddings are compared as they are.
    let metric: String?
    /// Corrected distances between strangers.
    let strangers: DistanceModel.Normal
    /// Corrected distances between pictures of one person.
    let genuine: DistanceModel.Normal
    /// The same for templates that also hold the covered face. Only the model of the encoder of covered faces has it.
    let withCovered: WithCovered?
    /// Without centres, those of the face encoder's model are used, because all encoders share its space.
    let crowding: Crowding.Parameters
  }

  /// Distances to templates of bare faces.
  public let toBare: DistanceModel
  /// Distances to templates that also hold the covered face, for covered probes.
  public let toCovered: DistanceModel?
  private let crowding: Crowding
  /// Row-major, `Embedding.count` a side; empty without a metric.
  private let metric: [Float]

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - file: The model's parameters.
  ///   - encoder: The identifier of the encoder that the model must belong to.
  ///   - knowsCovered: Whether the model must have distances to templates that also hold the covered face.
  /// - Throws: `VisionError` with code `model` if the file is missing or belongs to another encoder.
  package init(models: Models, file: Models.File, encoder: String, knowsCovered: Bool) throws(VisionError) {
    let parameters = try models.parameters(file, as: Parameters.self)
    var text = parameters.crowding.centres
    if text == nil { text = try models.parameters(.faceImpostors, as: Parameters.self).crowding.centres }
    let metric = [Float](base64: parameters.metric)
    self.metric = metric
    toBare = DistanceModel(strangers: parameters.strangers, genuine: parameters.genuine)
    toCovered = parameters.withCovered.map { DistanceModel(strangers: $0.strangers, genuine: $0.genuine) }
    guard parameters.encoder == encoder, toBare.isUsable, toCovered?.isUsable != false,
      !knowsCovered || toCovered != nil,
      (parameters.metric == nil && metric.isEmpty) || metric.count == Embedding.count * Embedding.count,
      let crowding = Crowding(parameters.crowding, centres: text, dimensions: Embedding.count, metric: metric)
    else {
      throw VisionError(.model, while: "read the impostor model", "it does not belong to \(encoder)")
    }
    self.crowding = crowding
  }

  /// Measures how crowded the place of an embedding is. The result can be compared with others that the same model has
  /// placed.
  public func place(_ embedding: Embedding) -> PlacedEmbedding { crowding.place(embedding.multiplied(by: metric)) }

  /// Places an enrolled face for the comparison with covered probes.
  ///
  /// - Parameters:
  ///   - bare: The embedding by the face encoder.
  ///   - covered: The embedding of the covered face by the encoder of covered faces; nil if there is none.
  package func forCovered(bare: Embedding, covered: Embedding?) -> PlacedTemplate.ForCovered {
    PlacedTemplate.ForCovered(bare: place(bare), covered: covered.map(place))
  }
}
