import Foundation
import Vision

/// How near strangers come: the distribution of the distance between faces of different people, for one encoder.
///
/// A threshold is derived from it, never chosen: the more people a probe is compared with, the nearer the nearest stranger.
public struct ImpostorModel: Sendable {
  private struct Parameters: Decodable {
    /// The encoder's identifier.
    let encoder: String
    /// Pairs of different people that the distribution was measured on.
    let pairs: Int
    /// Distances, ascending.
    let distances: [Double]
    /// The base-10 logarithm of the share of pairs at or below each distance, ascending.
    let logShares: [Double]
    /// Distances between pictures of one person.
    let genuine: Genuine

    struct Genuine: Decodable {
      let mean: Double
      let deviation: Double
    }
  }

  private let parameters: Parameters

  /// - Throws: `VisionError` with code `model` when the file is missing or belongs to another encoder.
  public init(models: Models) throws(VisionError) {
    let parameters = try models.parameters(.faceImpostors, as: Parameters.self)
    let ascending = zip(parameters.distances, parameters.distances.dropFirst()).allSatisfy { $0 < $1 }
    let monotone = zip(parameters.logShares, parameters.logShares.dropFirst()).allSatisfy { $0 < $1 }
    guard parameters.encoder == FaceEncoder.identifier, parameters.distances.count == parameters.logShares.count,
      parameters.distances.count >= 2, ascending, monotone
    else {
      throw VisionError(.model, while: "read the impostor model", "it does not belong to \(FaceEncoder.identifier)")
    }
    self.parameters = parameters
  }

  /// The probability that a stranger's face lies at this distance or nearer, 0…1.
  public func falseMatchRate(at distance: Double) -> Double {
    min(1, pow(10, interpolate(distance, from: parameters.distances, to: parameters.logShares)))
  }

  /// The largest distance at which a search still finds a stranger no more often than wanted.
  ///
  /// - Parameters:
  ///   - gallery: Templates that a probe is compared with.
  ///   - fpir: The wanted false-positive identification rate: the share of searches by people who are not enrolled that name
  ///     somebody, 0…1.
  public func threshold(gallery: Int, fpir: Double) -> Double {
    // A search is `gallery` comparisons that must all fail.
    let rate = -expm1(log1p(-min(max(fpir, 1e-12), 0.999_999)) / Double(max(1, gallery)))
    let distance = interpolate(log10(rate), from: parameters.logShares, to: parameters.distances)
    return max(0, distance)
  }

  /// The probability, 0…1, that the nearest of a gallery's people is the one in the picture, by the densities of genuine and
  /// impostor distances, when as many probes are enrolled as are not.
  public func confidence(distance: Double, gallery: Int) -> Double {
    let step = 0.005
    let z = (distance - parameters.genuine.mean) / parameters.genuine.deviation
    let genuine = exp(-z * z / 2) / (parameters.genuine.deviation * (2 * Double.pi).squareRoot())
    let slope = (falseMatchRate(at: distance + step) - falseMatchRate(at: distance - step)) / (2 * step)
    let impostor = Double(max(1, gallery)) * slope
    // Nearer than the mean of genuine pairs is never less genuine than the mean.
    let density = z < 0 ? 1 / (parameters.genuine.deviation * (2 * Double.pi).squareRoot()) : genuine
    return density / (density + impostor)
  }

  /// Piecewise linear; past the ends along the last piece.
  private func interpolate(_ value: Double, from xs: [Double], to ys: [Double]) -> Double {
    let upper = min(max(xs.firstIndex { $0 >= value } ?? xs.count - 1, 1), xs.count - 1)
    let lower = upper - 1
    return ys[lower] + (value - xs[lower]) / (xs[upper] - xs[lower]) * (ys[upper] - ys[lower])
  }
}
