import Foundation
public import Values

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

/// An enrolled face, placed for the comparison with bare and covered probes.
public struct PlacedTemplate: Sendable {
  /// The template for covered probes in dlib's space.
  package struct ForCovered: Sendable {
    /// The bare face.
    package let bare: PlacedEmbedding
    /// The covered face; nil if it is not known.
    package let covered: PlacedEmbedding?

    /// The mean of the distances to the bare and the covered face; the distance to the bare face if the other is not
    /// known.
    package func distance(to probe: PlacedEmbedding) -> Float {
      Self.distance(bare: bare.distance(to: probe), covered: covered?.distance(to: probe))
    }

    static func distance(bare: Float, covered: Float?) -> Float { covered.map { ($0 + bare) / 2 } ?? bare }
  }

  /// For bare probes, in dlib's space; nil if bare probes are not searched for.
  let bare: PlacedEmbedding?
  /// For covered probes, in dlib's space; nil if covered probes are not searched for.
  let forCovered: ForCovered?
  /// For bare probes, in the second encoder's space; nil if the second encoder has not seen the photo.
  let secondBare: PlacedEmbedding?
  /// For covered probes, in the second encoder's space.
  let secondCovered: PlacedEmbedding?
}

/// A probe, placed for the comparison with templates.
public struct PlacedProbe: Sendable {
  /// The method that made the probe.
  public let method: RecognitionMethod
  /// In dlib's space.
  let first: PlacedEmbedding
  /// In the second encoder's space; nil if there is none.
  let second: PlacedEmbedding?
}

/// The embeddings of an enrolled face.
public struct TemplateEmbeddings: Sendable {
  /// By the face encoder.
  public var bare: Embedding
  /// By the periocular encoder, covered; nil if it is not known.
  public var covered: Embedding?
  /// By the second encoder, bare; nil if it has not seen the photo.
  public var secondBare: Embedding?
  /// By the second encoder, covered; nil if it is not known.
  public var secondCovered: Embedding?

  /// The point for covered probes in the second encoder's space; nil if it is not known.
  ///
  /// It is half-way between the bare face and the covered face: the distance to it is as good as the mean of the
  /// distances to both, at half the time.
  package var secondForCovered: Embedding? {
    guard let secondBare, let secondCovered else { return nil }
    return Embedding(mean: [secondBare, secondCovered])?.unit
  }

  /// Creates the embeddings of a face.
  public init(
    bare: Embedding, covered: Embedding? = nil, secondBare: Embedding? = nil, secondCovered: Embedding? = nil
  ) {
    (self.bare, self.covered, self.secondBare, self.secondCovered) = (bare, covered, secondBare, secondCovered)
  }
}

/// The result of comparing a probe with a template.
public struct Comparison: Sendable, Equatable {
  /// The distance, in the unit of the model.
  public let distance: Double
  /// The distributions of such distances.
  public let model: DistanceModel

  /// Creates a comparison.
  public init(distance: Double, model: DistanceModel) {
    (self.distance, self.model) = (distance, model)
  }

  /// The difference of the distance from the mean of strangers, in standard deviations of strangers. In this unit,
  /// distances of all models can be compared.
  public var deviations: Double { model.deviations(at: distance) }

  /// The probability, 0…1, that a person at this distance would also be nearer than a person at the other distance in
  /// another picture: genuine distances scatter from picture to picture.
  func probabilityOfBeingNearer(than other: Comparison) -> Double {
    let scatter = model.genuine.deviation / model.strangers.deviation
    return erfc((deviations - other.deviations) / (2 * scatter)) / 2
  }

  /// The probability, 0…1, that both faces are one person's; see `DistanceModel.confidence(distance:gallery:)`.
  public func confidence(gallery: Int) -> Double { model.confidence(distance: distance, gallery: gallery) }
}
