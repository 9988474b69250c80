import Foundation
import Vision

/// How near strangers come, for one encoder, wherever in its space a face lies.
///
/// dlib's space is crowded in some places and empty in others: children or East Asian women lie nearer to each other than the men of
/// press photos it was trained on, and one distance means different things for them. So every embedding is given the crowding of its
/// place, measured on a cohort, and distances are corrected by it. The corrected distances of strangers follow one normal
/// distribution, whatever the population, from which a threshold is derived for a gallery's size; none is chosen.
public struct ImpostorModel: Sendable {
  private struct Parameters: Decodable {
    struct Normal: Decodable {
      let mean: Double
      let deviation: Double
      /// Pairs of faces that it was measured on.
      let pairs: Int
    }
    struct Crowding: Decodable {
      /// Centres of groups of faces, little-endian 32-bit floats, `Embedding.count` each, as base64.
      let centres: String
      /// How many of the nearest centres say how crowded a place is.
      let nearest: Int
      /// How much of the crowding is taken off a distance.
      let share: Double
      /// The crowding that leaves distances as they are.
      let mean: Double
    }
    /// The encoder's identifier.
    let encoder: String
    /// Corrected distances between strangers.
    let strangers: Normal
    /// Corrected distances between pictures of one person.
    let genuine: Normal
    let crowding: Crowding
  }

  private let strangers: Parameters.Normal
  private let genuine: Parameters.Normal
  private let crowding: Parameters.Crowding
  private let centres: [Embedding]

  /// - Throws: `VisionError` with code `model` when the file is missing or belongs to another encoder.
  public init(models: Models) throws(VisionError) {
    let parameters = try models.parameters(.faceImpostors, as: Parameters.self)
    let bytes = Data(base64Encoded: parameters.crowding.centres) ?? Data()
    let numbers = stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      bytes.withUnsafeBytes {
        Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
      }
    }
    centres = stride(from: 0, to: numbers.count, by: Embedding.count).compactMap {
      Embedding(Array(numbers[$0..<min($0 + Embedding.count, numbers.count)]))
    }
    guard parameters.encoder == FaceEncoder.identifier, parameters.strangers.deviation > 0,
      parameters.genuine.deviation > 0, centres.count * Embedding.count == numbers.count,
      (1...centres.count).contains(parameters.crowding.nearest)
    else {
      throw VisionError(.model, while: "read the impostor model", "it does not belong to \(FaceEncoder.identifier)")
    }
    strangers = parameters.strangers
    genuine = parameters.genuine
    crowding = parameters.crowding
  }

  /// An embedding with the crowding of its place, ready to be compared.
  public func place(_ embedding: Embedding) -> PlacedEmbedding {
    let nearest = centres.map { embedding.distance(to: $0) }.sorted().prefix(crowding.nearest)
    let density = Double(nearest.reduce(0, +)) / Double(crowding.nearest)
    return PlacedEmbedding(embedding: embedding, correction: Float(crowding.share * (density - crowding.mean) / 2))
  }

  /// The probability that a stranger's face lies at this corrected distance or nearer, 0…1.
  public func falseMatchRate(at distance: Double) -> Double {
    erfc((strangers.mean - distance) / (strangers.deviation * 2.0.squareRoot())) / 2
  }

  /// The largest corrected distance at which a search still finds a stranger no more often than wanted.
  ///
  /// - Parameters:
  ///   - gallery: Templates that a probe is compared with.
  ///   - fpir: The wanted false-positive identification rate: the share of searches by people who are not enrolled that name
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

  /// The probability, 0…1, that the nearest of a gallery's people is the one in the picture, by the densities of genuine and
  /// stranger distances, when as many probes are enrolled as are not.
  public func confidence(distance: Double, gallery: Int) -> Double {
    // Nearer than the mean of genuine pairs is never less genuine than the mean, farther than strangers never less strange.
    let own = density(of: max(distance, genuine.mean), genuine)
    let others = Double(max(1, gallery)) * density(of: min(distance, strangers.mean), strangers)
    return own / (own + others)
  }

  private func density(of distance: Double, _ normal: Parameters.Normal) -> Double {
    let z = (distance - normal.mean) / normal.deviation
    return exp(-z * z / 2) / normal.deviation
  }
}

/// An embedding that knows how crowded its place in the space is.
public struct PlacedEmbedding: Sendable, Equatable {
  /// The point in dlib's space.
  public let embedding: Embedding
  /// What its place takes off every distance: above 0 where faces lie far apart, below where they crowd.
  public let correction: Float

  /// The corrected distance: Euclidean, less both places' corrections.
  public func distance(to other: PlacedEmbedding) -> Float {
    embedding.distance(to: other.embedding) - correction - other.correction
  }
}
