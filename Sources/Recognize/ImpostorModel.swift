import Foundation
public import Values
package import Vision

/// How near strangers come to enrolled faces, for one way to encode a probe, wherever in dlib's space it lies.
///
/// dlib's space is crowded in some places and empty in others: children or East Asian women lie nearer to each other
/// than the men of press photos it was trained on, and one distance means different things for them. So every embedding
/// is given the crowding of its place, measured on a cohort, and distances are corrected by it. The corrected distances
/// of strangers follow one normal distribution, whatever the population, from which a threshold is derived for a
/// gallery's size; none is chosen.
public struct ImpostorModel: Sendable {
  private struct Parameters: Decodable {
    struct Crowding: Decodable {
      /// Centres of groups of bare faces, little-endian 32-bit floats, `Embedding.count` each, as base64; without them
      /// those of the face encoder's model, whose space all share.
      let centres: String?
      /// How many of the nearest centres say how crowded a place is.
      let nearest: Int
      /// How much of the crowding is taken off a distance.
      let share: Double
      /// The crowding that leaves distances as they are.
      let mean: Double
    }
    struct WithCovered: Decodable {
      let strangers: DistanceModel.Normal
      let genuine: DistanceModel.Normal
    }
    /// The encoder's identifier.
    let encoder: String
    /// What embeddings are multiplied with before they are compared, little-endian 32-bit floats, row by row, as
    /// base64; without it they are compared as they are.
    let metric: String?
    /// Corrected distances between strangers.
    let strangers: DistanceModel.Normal
    /// Corrected distances between pictures of one person.
    let genuine: DistanceModel.Normal
    /// The same for templates that also hold the covered face; the model of the encoder of covered faces has it.
    let withCovered: WithCovered?
    let crowding: Crowding
  }

  /// Distances to templates of bare faces.
  public let toBare: DistanceModel
  /// Distances to templates that also hold the covered face, for covered probes.
  public let toCovered: DistanceModel?
  private let crowding: Parameters.Crowding
  private let centres: [Embedding]
  /// Row-major, `Embedding.count` a side; empty for none.
  private let metric: [Float]

  /// - Parameters:
  ///   - file: The model's parameters.
  ///   - encoder: The identifier of the encoder that the model must be of.
  ///   - knowsCovered: Whether the model must have the distances to templates that know the covered face.
  /// - Throws: `VisionError` with code `model` when the file is missing or belongs to another encoder.
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

  /// An embedding with the crowding of its place, ready to be compared with others that the same model has placed.
  public func place(_ embedding: Embedding) -> PlacedEmbedding {
    let embedding = embedding.multiplied(by: metric)
    let nearest = centres.map { embedding.distance(to: $0) }.sorted().prefix(crowding.nearest)
    let density = Double(nearest.reduce(0, +)) / Double(crowding.nearest)
    return PlacedEmbedding(embedding: embedding, correction: Float(crowding.share * (density - crowding.mean) / 2))
  }

  /// An enrolled face, placed for covered probes.
  ///
  /// - Parameters:
  ///   - bare: What the face encoder makes of it.
  ///   - covered: What the encoder of covered faces makes of it when it is covered; nil where that is not known.
  public func template(bare: Embedding, covered: Embedding?) -> PlacedTemplate {
    PlacedTemplate(bare: place(bare), covered: covered.map(place))
  }

  /// How distances to a template that this model has placed are to be taken.
  public func distances(to template: PlacedTemplate) -> DistanceModel {
    template.covered == nil ? toBare : toCovered ?? toBare
  }

  /// The parts of a gallery that a probe is compared with, and how its distances there are to be taken.
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
    /// Pairs of faces that it was measured on.
    let pairs: Int
  }

  let strangers: Normal
  let genuine: Normal

  var isUsable: Bool { strangers.deviation > 0 && genuine.deviation > 0 }

  /// How far a corrected distance is from the mean of strangers, in their standard deviations: far below 0 for one
  /// person's faces. In this unit the distances of all models can be compared.
  public func deviations(at distance: Double) -> Double { (distance - strangers.mean) / strangers.deviation }

  /// The probability that a stranger's face lies at this corrected distance or nearer, 0…1.
  public func falseMatchRate(at distance: Double) -> Double {
    erfc((strangers.mean - distance) / (strangers.deviation * 2.0.squareRoot())) / 2
  }

  /// The largest corrected distance at which a search still finds a stranger no more often than wanted.
  ///
  /// - Parameters:
  ///   - gallery: Templates that a probe is compared with.
  ///   - fpir: The wanted false-positive identification rate: the share of searches by people who are not enrolled that
  ///     name
  ///     somebody, 0…1.
  public func threshold(gallery: Int, fpir: Double) -> Double {
    // A search is `gallery` comparisons that must all fail.
    let rate = -expm1(log1p(-min(max(fpir, 1e-12), 0.999_999)) / Double(max(1, gallery)))
    var (lower, upper) = (0.0, strangers.mean + 10 * strangers.deviation)
    for _ in 0..<60 {
      let middle = (lower + upper) / 2
      if falseMatchRate(at: middle) <= rate { lower = middle } else { upper = middle }
    }
    return lower
  }

  /// The probability, 0…1, that the nearest of a gallery's people is the one in the picture, by the densities of
  /// genuine and stranger distances, when as many probes are enrolled as are not.
  public func confidence(distance: Double, gallery: Int) -> Double {
    // Nearer than the mean of genuine pairs is never less genuine than the mean, farther than strangers never less
    // strange.
    let own = density(of: max(distance, genuine.mean), genuine)
    let others = Double(max(1, gallery)) * density(of: min(distance, strangers.mean), strangers)
    return own / (own + others)
  }

  private func density(of distance: Double, _ normal: Normal) -> Double {
    let z = (distance - normal.mean) / normal.deviation
    return exp(-z * z / 2) / normal.deviation
  }
}

/// The impostor models of all ways to encode a probe.
public struct ImpostorModels: Sendable {
  private let models: [RecognitionMethod: ImpostorModel]

  /// - Parameter models: One for each method.
  package init(_ models: [RecognitionMethod: ImpostorModel]) {
    self.models = models
  }

  /// The model of one way.
  public subscript(method: RecognitionMethod) -> ImpostorModel {
    guard let model = models[method] else { preconditionFailure("every method has a model") }
    return model
  }
}

/// What covered probes are compared with: an enrolled face, bare, and covered where that is known.
public struct PlacedTemplate: Sendable {
  /// The bare face.
  public let bare: PlacedEmbedding
  /// The covered face.
  public let covered: PlacedEmbedding?

  /// The mean of the distances to what is known.
  public func distance(to probe: PlacedEmbedding) -> Float {
    let bare = bare.distance(to: probe)
    return covered.map { ($0.distance(to: probe) + bare) / 2 } ?? bare
  }
}

/// An embedding that knows how crowded its place in the space is.
public struct PlacedEmbedding: Sendable, Equatable {
  /// The point, in the metric of the model that placed it.
  public let embedding: Embedding
  /// What its place takes off every distance: above 0 where faces lie far apart, below where they crowd.
  public let correction: Float

  /// The corrected distance: Euclidean, less both places' corrections.
  public func distance(to other: PlacedEmbedding) -> Float {
    embedding.distance(to: other.embedding) - correction - other.correction
  }
}
