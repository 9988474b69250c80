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
  ///   - leniency: The factor for the wanted false-positive rate. It is above 1 for a name that a face has already and
  ///     that only has to remain plausible, and below 1 for one of several searches that share the rate.
  /// - Returns: The identification; nil if nobody in the gallery is near enough.
  public func identify(_ probes: [Probe], excluding: Set<String> = [], leniency: Double = 1) -> Identification? {
    var best: Identification?
    // All probes of one face together are one search, so they share its rate.
    let rate = min(0.5, fpir * leniency) / Double(probes.count)
    for probe in probes {
      let nearest = gallery.nearest(to: impostors.place(probe), impostors, limit: excluding.count + 2)
        .filter { !excluding.contains($0.personID) && isNear($0, probe.method, rate) }
      guard let answer = identification(nearest, probe.method) else { continue }
      if answer.confidence > best?.confidence ?? -1 { best = answer }
    }
    return best
  }

  /// The probability that the nearer of two people is the right one, above which the other is not told.
  private static let clearlyNearer = 0.9

  /// - Parameter nearest: The people who are near enough, the nearest first.
  private func identification(_ nearest: [Gallery.Match], _ method: RecognitionMethod) -> Identification? {
    guard let match = nearest.first else { return nil }
    let confidence = match.comparison.confidence(gallery: gallery.count(for: method))
    guard nearest.count > 1 else {
      return Identification(personID: match.personID, confidence: confidence, method: method)
    }
    // Strangers are so rarely near enough that two people who are must look alike: which of them is nearer may be
    // chance.
    let share = match.comparison.probabilityOfBeingNearer(than: nearest[1].comparison)
    return Identification(
      personID: match.personID, confidence: confidence * share, method: method,
      rivalID: share < Self.clearlyNearer ? nearest[1].personID : nil)
  }

  /// The people whom a face may show at a false-positive identification rate, the nearest first.
  public func near(_ probe: Probe, fpir: Double, limit: Int = 20) -> [Gallery.Match] {
    gallery.nearest(to: impostors.place(probe), impostors, limit: limit).filter { isNear($0, probe.method, fpir) }
  }

  private func isNear(_ match: Gallery.Match, _ method: RecognitionMethod, _ rate: Double) -> Bool {
    let count = gallery.count(for: method)
    return match.comparison.distance <= match.comparison.model.threshold(gallery: count, fpir: rate)
  }

  /// Adds a template of a person. A person may have several templates.
  ///
  /// - Parameter methods: The methods of the probes that are searched for. With fewer, a template is placed sooner.
  public mutating func add(
    _ face: TemplateEmbeddings, personID: String, for methods: Set<RecognitionMethod> = Set(RecognitionMethod.allCases)
  ) {
    gallery.add(impostors.place(face, for: methods), personID: personID)
  }
}
