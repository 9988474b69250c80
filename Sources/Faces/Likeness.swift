public import Recognize
import Values

/// The rule by which enrolment decides whether the photos of one ID show one person.
///
/// ```swift
/// let likeness = Likeness(impostors)
/// if let face = likeness.place(embeddings), likeness.isFar(face, from: others) { print("somebody else") }
/// ```
///
/// It compares bare faces, and derives its answers from the impostor model: how much likelier is the distance between
/// strangers than between photos of one person?
///
/// Photos of one person that were refused and strangers that were noticed, by the number of templates. CelebA's photos
/// (3,749 of 299 people) are years apart, and about 1 % of them carry a wrong name. LFW's (2,087 of 1,147 people) are
/// press portraits.
///
/// | templates | CelebA: refused | CelebA: noticed | LFW: refused | LFW: noticed |
/// |---|---|---|---|---|
/// | 1 | 3.9 % (2.6 % without wrong names) | 92 % | 0.02 % | 89 % |
/// | 2 | 2.3 % (1.2 %) | 91 % | 0.02 % | 90 % |
/// | 4 | 1.8 % (1.3 %) | 91 % | 0.0 % | 91 % |
/// | 9 | 1.5 % (0.8 %) | 93 % | 0.0 % | 88 % |
public struct Likeness: Sendable {
  /// A face, placed for comparisons.
  public struct Place: Sendable {
    let bare: PlacedEmbedding
  }

  /// The confidence below which two faces are clearly of two people. Half of the compared pairs are taken to be of one
  /// person, so strangers are then 19 times likelier.
  private static let farConfidence = 0.05
  /// The confidence from which two photos of a new person speak for each other. Photos of many people speak for each
  /// other more rarely than with `farConfidence`: of 15 photos of 15 people, half agreed in no folder of 1,500. Of 5
  /// photos of one person, half agreed in 99.7 % of the folders (CelebA).
  private static let nearConfidence = 0.2

  private let model: ImpostorModel

  /// Creates the rule of these models.
  public init(_ impostors: ImpostorModels) { model = impostors[.face] }

  /// Places a face.
  ///
  /// - Parameter embeddings: The embeddings by the encoder's identifier.
  /// - Returns: Nil if the face encoder has not encoded the face.
  public func place(_ embeddings: [String: Embedding]) -> Place? {
    embeddings[FaceEncoder.identifier].map { Place(bare: model.place($0)) }
  }

  /// The distance between two faces.
  public func distance(_ one: Place, _ other: Place) -> Double { Double(one.bare.distance(to: other.bare)) }

  /// Whether photos at this distance speak for each other.
  public func isNear(_ distance: Double) -> Bool {
    model.toBare.confidence(distance: distance, gallery: 1) >= Self.nearConfidence
  }

  /// Whether a face is far from all photos of a person, so that it is clearly another person's. False without photos.
  public func isFar(_ face: Place, from photos: [Place]) -> Bool { isFar(photos.map { distance(face, $0) }) }

  /// Whether a face is far from all templates of a person, so that it is clearly another person's. False without
  /// templates.
  public func isFar(_ face: Place, from personID: String, in gallery: Gallery) -> Bool {
    isFar(gallery.distances(of: face.bare, to: personID).map(Double.init))
  }

  /// The nearest of many templates is nearer for strangers too, so the number of templates counts.
  private func isFar(_ distances: [Double]) -> Bool {
    guard let nearest = distances.min() else { return false }
    return model.toBare.confidence(distance: nearest, gallery: distances.count) < Self.farConfidence
  }
}
