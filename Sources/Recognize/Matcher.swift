public import Values

/// A gallery with thresholds that are derived from its size and from the wanted false-positive rate.
///
/// ```swift
/// let matcher = Matcher(gallery: gallery, impostors: impostors)
/// let answer = matcher.identify([Probe(embedding: embedding, method: .face)])
/// ```
public struct Matcher: Sendable {
  /// The enrolled templates.
  public private(set) var gallery: Gallery
  /// The impostor models, which place templates and probes.
  public let impostors: ImpostorModels
  private let fpir: Double

  /// The default of `--fpir`: one search in a thousand by somebody who is not enrolled names a person.
  public static let defaultFPIR = 0.001

  /// Creates a matcher for bare and covered probes. The same models must have placed the gallery's templates.
  ///
  /// - Parameter fpir: The wanted false-positive identification rate, 0…1.
  public init(gallery: Gallery, impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR) {
    self.gallery = gallery
    self.impostors = impostors
    self.fpir = fpir
  }

  /// Searches for the person whom one face shows. If the face has two probes, the answer with the higher confidence
  /// wins.
  ///
  /// - Parameters:
  ///   - probes: All probes of one face. Together they are one search.
  ///   - excluding: IDs of people who cannot be the answer, such as those who stand beside the face.
  ///   - leniency: The factor by which the wanted false-positive rate is raised. It is above 1 for a name that a face
  ///     has already and that only has to remain plausible.
  /// - Returns: The identification; nil if nobody in the gallery is near enough.
  public func identify(_ probes: [Probe], excluding: Set<String> = [], leniency: Double = 1) -> Identification? {
    var best: Identification?
    for probe in probes {
      let model = impostors[probe.method]
      let place = model.place(probe.embedding)
      for (part, distances) in model.searches {
        let nearest = gallery.nearest(to: place, in: part, limit: excluding.count + 1)
        guard let match = nearest.first(where: { !excluding.contains($0.personID) }) else { continue }
        let distance = Double(match.distance)
        // All probes of one face together are one search, so they share its rate.
        let rate = min(0.5, fpir * leniency) / Double(probes.count)
        guard distance <= distances.threshold(gallery: gallery.count, fpir: rate) else { continue }
        let confidence = distances.confidence(distance: distance, gallery: gallery.count)
        if confidence > best?.confidence ?? -1 {
          best = Identification(personID: match.personID, confidence: confidence, method: probe.method)
        }
      }
    }
    return best
  }

  /// Adds a template of a person. A person may have several templates.
  ///
  /// - Parameters:
  ///   - covered: The embedding by the encoder of covered faces; nil if there is none.
  ///   - servesCovered: Whether covered probes are searched for too. Without them, a template is placed once.
  public mutating func add(bare: Embedding, covered: Embedding?, personID: String, servesCovered: Bool = true) {
    gallery.add(
      impostors[.face].place(bare),
      forCovered: servesCovered ? impostors[.periocular].template(bare: bare, covered: covered) : nil,
      personID: personID)
  }
}
