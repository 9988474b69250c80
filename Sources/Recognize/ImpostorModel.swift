import Foundation
public import Values
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
    struct Crowding: Decodable {
      /// Centres of groups of bare faces: little-endian 32-bit floats, `Embedding.count` each, as base64. Without them,
      /// the centres of the face encoder's model are used, because all encoders share its space.
      let centres: String?
      /// The number of nearest centres that measure how crowded a place is.
      let nearest: Int
      /// The share of the crowding that is subtracted from a distance.
      let share: Double
      /// The crowding that does not change distances.
      let mean: Double
    }
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
    let crowding: Crowding
  }

  /// Distances to templates of bare faces.
  public let toBare: DistanceModel
  /// Distances to templates that also hold the covered face, for covered probes.
  public let toCovered: DistanceModel?
  private let crowding: Parameters.Crowding
  private let centres: [Embedding]
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
    let numbers = Self.floats(text)
    let metric = Self.floats(parameters.metric)
    self.metric = metric
    centres = stride(from: 0, to: numbers.count, by: Embedding.count).compactMap {
      Embedding(Array(numbers[$0..<min($0 + Embedding.count, numbers.count)]))?.multiplied(by: metric)
    }
    toBare = DistanceModel(strangers: parameters.strangers, genuine: parameters.genuine)
    toCovered = parameters.withCovered.map { DistanceModel(strangers: $0.strangers, genuine: $0.genuine) }
    crowding = parameters.crowding
    guard parameters.encoder == encoder, toBare.isUsable, toCovered?.isUsable != false,
      !knowsCovered || toCovered != nil, centres.count * Embedding.count == numbers.count,
      (1...max(1, centres.count)).contains(crowding.nearest), !centres.isEmpty,
      (parameters.metric == nil && metric.isEmpty) || metric.count == Embedding.count * Embedding.count
    else {
      throw VisionError(.model, while: "read the impostor model", "it does not belong to \(encoder)")
    }
  }

  private static func floats(_ base64: String?) -> [Float] {
    let bytes = base64.flatMap { Data(base64Encoded: $0) } ?? Data()
    return stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      bytes.withUnsafeBytes {
        Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
      }
    }
  }

  /// Measures how crowded the place of an embedding is. The result can be compared with others that the same model has
  /// placed.
  public func place(_ embedding: Embedding) -> PlacedEmbedding {
    let embedding = embedding.multiplied(by: metric)
    let nearest = centres.map { embedding.distance(to: $0) }.sorted().prefix(crowding.nearest)
    let density = Double(nearest.reduce(0, +)) / Double(crowding.nearest)
    return PlacedEmbedding(embedding: embedding, correction: Float(crowding.share * (density - crowding.mean) / 2))
  }

  /// Places an enrolled face for the comparison with covered probes.
  ///
  /// - Parameters:
  ///   - bare: The embedding by the face encoder.
  ///   - covered: The embedding of the covered face by the encoder of covered faces; nil if there is none.
  public func template(bare: Embedding, covered: Embedding?) -> PlacedTemplate {
    PlacedTemplate(bare: place(bare), covered: covered.map(place))
  }

  /// The distributions of distances to a template that this model has placed.
  public func distances(to template: PlacedTemplate) -> DistanceModel {
    template.covered == nil ? toBare : toCovered ?? toBare
  }

  /// The parts of a gallery that a probe is compared with, each with the distributions of its distances.
  public var searches: [(part: Gallery.Part, distances: DistanceModel)] {
    guard let toCovered else { return [(.all, toBare)] }
    return [(.withCovered, toCovered), (.withoutCovered, toBare)]
  }
}

/// Two normal distributions: of corrected distances between strangers, and between pictures of one person.
public struct DistanceModel: Sendable {
  struct Normal: Decodable {
    let mean: Double
    let deviation: Double
    /// The number of pairs of faces that it was measured on.
    let pairs: Int
  }

  let strangers: Normal
  let genuine: Normal

  var isUsable: Bool { strangers.deviation > 0 && genuine.deviation > 0 }

  /// The difference of a corrected distance from the mean of strangers, in standard deviations of strangers.
  ///
  /// It is far below 0 for faces of one person. In this unit, distances of all models can be compared.
  public func deviations(at distance: Double) -> Double { (distance - strangers.mean) / strangers.deviation }

  /// The probability that a stranger's face lies at this corrected distance or nearer, 0…1.
  public func falseMatchRate(at distance: Double) -> Double {
    erfc((strangers.mean - distance) / (strangers.deviation * 2.0.squareRoot())) / 2
  }

  /// The largest corrected distance at which searches by strangers name a person no more often than wanted.
  ///
  /// - Parameters:
  ///   - gallery: The number of templates that a probe is compared with.
  ///   - fpir: The wanted false-positive identification rate, 0…1: the share of searches by people who are not enrolled
  ///     that name a person.
  public func threshold(gallery: Int, fpir: Double) -> Double {
    // A search is `gallery` comparisons. A stranger's search is right only if all of them fail.
    let rate = -expm1(log1p(-min(max(fpir, 1e-12), 0.999_999)) / Double(max(1, gallery)))
    var (lower, upper) = (0.0, strangers.mean + 10 * strangers.deviation)
    for _ in 0..<60 {
      let middle = (lower + upper) / 2
      if falseMatchRate(at: middle) <= rate { lower = middle } else { upper = middle }
    }
    return lower
  }

  /// The probability, 0…1, that the nearest person of a gallery is the person in the picture.
  ///
  /// It is computed from the densities of genuine and stranger distances, for the case that half of the probes are of
  /// enrolled people.
  public func confidence(distance: Double, gallery: Int) -> Double {
    // Below the mean of genuine pairs and above the mean of strangers, the densities stay at their value at the mean. A
    // nearer face is thus never less genuine, and a farther one never less strange.
    let own = density(of: max(distance, genuine.mean), genuine)
    let others = Double(max(1, gallery)) * density(of: min(distance, strangers.mean), strangers)
    return own / (own + others)
  }

  private func density(of distance: Double, _ normal: Normal) -> Double {
    let z = (distance - normal.mean) / normal.deviation
    return exp(-z * z / 2) / normal.deviation
  }
}

/// The impostor models of all methods.
public struct ImpostorModels: Sendable {
  private let models: [RecognitionMethod: ImpostorModel]

  /// - Parameter models: One for each method.
  package init(_ models: [RecognitionMethod: ImpostorModel]) {
    self.models = models
  }

  /// The impostor model of a method.
  public subscript(method: RecognitionMethod) -> ImpostorModel {
    guard let model = models[method] else { preconditionFailure("every method has a model") }
    return model
  }
}

/// An enrolled face, placed for the comparison with covered probes: the bare face, and the covered face if it is known.
public struct PlacedTemplate: Sendable {
  /// The bare face.
  public let bare: PlacedEmbedding
  /// The covered face; nil if it is not known.
  public let covered: PlacedEmbedding?

  /// The mean of the distances to the bare and the covered face; the distance to the bare face if the other is not
  /// known.
  public func distance(to probe: PlacedEmbedding) -> Float {
    let bare = bare.distance(to: probe)
    return covered.map { ($0.distance(to: probe) + bare) / 2 } ?? bare
  }
}

/// An embedding with a correction for how crowded its place in the space is.
public struct PlacedEmbedding: Sendable, Equatable {
  /// The point, in the metric of the model that placed it.
  public let embedding: Embedding
  /// The amount that is subtracted from every distance to this point: above 0 where faces lie far apart, below 0 where
  /// they are crowded.
  public let correction: Float

  /// The corrected distance: the Euclidean distance minus the corrections of both points.
  public func distance(to other: PlacedEmbedding) -> Float {
    embedding.distance(to: other.embedding) - correction - other.correction
  }
}
