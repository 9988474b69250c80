public import Recognize
import Values

/// The rule by which enrolment decides whether the photos of one ID show one person.
///
/// ```swift
/// let likeness = Likeness(impostors)
/// if likeness.isFar(likeness.place(embeddings), from: others) { print("somebody else") }
/// ```
///
/// It compares bare faces, and derives its answers from the impostor models: how much likelier is the distance between
/// strangers than between photos of one person?
///
/// Photos of one person that were refused and strangers that were noticed in dlib's space alone, by the number of
/// templates; with the second encoder it was not measured. CelebA's photos (3,749 of 299 people) are years apart, and
/// about 1 % of them carry a wrong name. LFW's (2,087 of 1,147 people) are press portraits.
///
/// | templates | CelebA: refused | CelebA: noticed | LFW: refused | LFW: noticed |
/// |---|---|---|---|---|
/// | 1 | 3.9 % (2.6 % without wrong names) | 92 % | 0.02 % | 89 % |
/// | 2 | 2.3 % (1.2 %) | 91 % | 0.02 % | 90 % |
/// | 4 | 1.8 % (1.3 %) | 91 % | 0.0 % | 91 % |
/// | 9 | 1.5 % (0.8 %) | 93 % | 0.0 % | 88 % |
public struct Likeness: Sendable {
  /// A bare face, placed for comparisons.
  public struct Place: Sendable {
    let template: PlacedTemplate
    let probe: PlacedProbe
  }

  /// The confidence below which two faces are clearly of two people. Half of the compared pairs are taken to be of one
  /// person, so strangers are then 19 times likelier.
  private static let farConfidence = 0.05
  /// The confidence from which two photos of a new person speak for each other. Photos of many people speak for each
  /// other more rarely than with `farConfidence`: of 15 photos of 15 people, half agreed in no folder of 1,500. Of 5
  /// photos of one person, half agreed in 99.7 % of the folders (CelebA).
  private static let nearConfidence = 0.2

  private let impostors: ImpostorModels

  /// Creates the rule of these models.
  public init(_ impostors: ImpostorModels) { self.impostors = impostors }

  /// Places a face.
  public func place(_ face: TemplateEmbeddings) -> Place {
    Place(
      template: impostors.place(face, for: [.face]),
      probe: impostors.place(Probe(embedding: face.bare, second: face.secondBare, method: .face)))
  }

  /// Compares two faces.
  public func compare(_ one: Place, _ other: Place) -> Comparison {
    guard let comparison = impostors.compare(one.probe, other.template) else {
      preconditionFailure("every template is placed for bare probes")
    }
    return comparison
  }

  /// Whether photos with this comparison speak for each other.
  public func isNear(_ comparison: Comparison) -> Bool {
    comparison.confidence(gallery: 1) >= Self.nearConfidence
  }

  /// Whether a face is far from all photos of a person, so that it is clearly another person's. False without photos.
  public func isFar(_ face: Place, from photos: [Place]) -> Bool { isFar(photos.map { compare(face, $0) }) }

  /// Whether a face is far from all templates of a person, so that it is clearly another person's. False without
  /// templates.
  public func isFar(_ face: Place, from personID: String, in gallery: Gallery) -> Bool {
    isFar(gallery.comparisons(of: face.probe, with: personID, impostors))
  }

  /// The nearest of many templates is nearer for strangers too, so the number of templates counts.
  private func isFar(_ comparisons: [Comparison]) -> Bool {
    guard let nearest = comparisons.min(by: { $0.deviations < $1.deviations }) else { return false }
    return nearest.confidence(gallery: comparisons.count) < Self.farConfidence
  }
}
