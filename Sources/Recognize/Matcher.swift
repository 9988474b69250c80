public import Values

/// A gallery with the thresholds that its size and the wanted false-positive rate ask for.
public struct Matcher: Sendable {
  /// The enrolled templates.
  public private(set) var gallery: Gallery
  /// The models that place templates and probes.
  public let impostors: ImpostorModels
  private let fpir: Double

  /// The default of `--fpir`: one search in a thousand by somebody who is not enrolled names a person.
  public static let defaultFPIR = 0.001

  /// A gallery whose templates the same models have placed, for bare probes and for covered ones.
  ///
  /// - Parameter fpir: The wanted false-positive identification rate, 0…1.
  public init(gallery: Gallery, impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR) {
    self.gallery = gallery
    self.impostors = impostors
    self.fpir = fpir
  }

  /// The person whom one face shows, by its probes: where there are two, the one that is surer of its answer decides.
  ///
  /// - Parameters:
  ///   - probes: All probes of one face; together they are one search.
  ///   - excluding: People who cannot be the one, as those who stand beside the face.
  ///   - leniency: How many times the wanted false-positive rate is allowed: above 1 for a name that is already held
  ///     and only has to be
  ///     plausible still.
  /// - Returns: nil when nobody in the gallery is near enough.
  public func identify(_ probes: [Probe], excluding: Set<String> = [], leniency: Double = 1) -> Identification? {
    var best: Identification?
    for probe in probes {
      let model = impostors[probe.method]
      let place = model.place(probe.embedding)
      for (part, distances) in model.searches {
        let nearest = gallery.nearest(to: place, in: part, limit: excluding.count + 1)
        guard let match = nearest.first(where: { !excluding.contains($0.personID) }) else { continue }
        let distance = Double(match.distance)
        // All probes of one face together are one search.
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

  /// Adds a template of a person, who may have others.
  ///
  /// - Parameter covered: What the encoder of covered faces makes of it; nil where that has not seen it.
  public mutating func add(bare: Embedding, covered: Embedding?, personID: String) {
    gallery.add(
      impostors[.face].place(bare), forCovered: impostors[.periocular].template(bare: bare, covered: covered),
      personID: personID)
  }
}
