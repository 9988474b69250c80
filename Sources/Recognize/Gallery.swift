public import Values

/// The templates of the enrolled people, ready to search.
///
/// A gallery is a value and can be shared between threads.
public struct Gallery: Sendable {
  /// A person with the nearest template.
  public struct Match: Sendable, Equatable {
    /// The person's ID.
    public let personID: String
    /// The comparison with the nearest template.
    public let comparison: Comparison
  }

  /// The number of templates of a search that are compared in both spaces: those that are nearest in one of them.
  ///
  /// A person who is not among them in one space is not the nearest in both together: models/second-encoder.md gives
  /// the share that is lost.
  private static let shortlist = 50

  private var people: [String] = []
  private var indexOfPerson: [String: Int32] = [:]
  /// The person of each template.
  private var owners: [Int32] = []
  /// For bare probes, in dlib's space and in the second encoder's.
  private var bare = Column(dimensions: Embedding.count)
  private var secondBare = Column(dimensions: SecondEncoder.dimensions)
  /// For covered probes, in dlib's space: the bare face, and the covered face.
  private var bareForCovered = Column(dimensions: Embedding.count)
  private var covered = Column(dimensions: Embedding.count)
  /// For covered probes, in the second encoder's space.
  private var secondCovered = Column(dimensions: SecondEncoder.dimensions)
  /// The templates for covered probes without a place in the second encoder's space.
  private var coveredInOneSpace: [Int32] = []

  /// Creates an empty gallery.
  public init() {}

  /// The number of templates.
  public var count: Int { owners.count }
  /// The number of templates that probes by a method are compared with.
  public func count(for method: RecognitionMethod) -> Int {
    switch method {
    case .face: bare.templates.count
    case .periocular: bareForCovered.templates.count
    }
  }
  /// The number of people.
  public var personCount: Int { people.count }

  /// Adds a template of a person. A person may have several templates.
  public mutating func add(_ template: PlacedTemplate, personID: String) {
    let owner = indexOfPerson[personID] ?? Int32(people.count)
    if owner == people.count {
      people.append(personID)
      indexOfPerson[personID] = owner
    }
    let index = Int32(owners.count)
    owners.append(owner)
    bare.append(template.bare, index)
    secondBare.append(template.secondBare, index)
    bareForCovered.append(template.forCovered?.bare, index)
    covered.append(template.forCovered?.covered, index)
    secondCovered.append(template.secondCovered, index)
    if template.forCovered != nil, template.secondCovered == nil { coveredInOneSpace.append(index) }
  }

  /// The nearest people, nearest first. Each person appears once, with the nearest template.
  ///
  /// The distances in one space choose the templates that are compared in both. A template that has a place in only one
  /// space is always compared there.
  ///
  /// - Parameters:
  ///   - impostors: The models that have placed the templates and the probe.
  ///   - limit: The maximum number of people.
  public func nearest(to probe: PlacedProbe, _ impostors: ImpostorModels, limit: Int = 1) -> [Match] {
    guard limit > 0 else { return [] }
    let length = max(limit, Self.shortlist)
    var candidates: [Int32] = []
    switch (probe.method, probe.second) {
    case (.face, _): candidates = bare.nearest(to: probe.first, length)
    case (.periocular, let second?):
      candidates = secondCovered.nearest(to: second, length) + nearestInOneSpace(probe, coveredInOneSpace, length)
    case (.periocular, nil):
      candidates = nearestInOneSpace(probe, coveredInOneSpace + secondCovered.templates, length)
    }
    var best: [Int32: Comparison] = [:]
    for index in candidates {
      guard let comparison = compare(probe, index, impostors) else { continue }
      let owner = owners[Int(index)]
      if let own = best[owner], own.deviations <= comparison.deviations { continue }
      best[owner] = comparison
    }
    return best.sorted { ($0.value.deviations, $0.key) < ($1.value.deviations, $1.key) }.prefix(limit).map {
      Match(personID: people[Int($0.key)], comparison: $0.value)
    }
  }

  /// The comparisons of a probe with each template of one person.
  public func comparisons(of probe: PlacedProbe, with personID: String, _ impostors: ImpostorModels) -> [Comparison] {
    guard let owner = indexOfPerson[personID] else { return [] }
    return owners.indices.filter { owners[$0] == owner }.compactMap { compare(probe, Int32($0), impostors) }
  }

  private func compare(_ probe: PlacedProbe, _ index: Int32, _ impostors: ImpostorModels) -> Comparison? {
    switch probe.method {
    case .face:
      guard let first = bare.distance(to: probe.first, index) else { return nil }
      return impostors.compare(
        .face, first: first, hasCovered: false, second: probe.second.flatMap { secondBare.distance(to: $0, index) })
    case .periocular:
      guard let first = coveredDistance(probe, index) else { return nil }
      return impostors.compare(
        .periocular, first: first, hasCovered: covered.has(index),
        second: probe.second.flatMap { secondCovered.distance(to: $0, index) })
    }
  }

  /// The distance of a covered probe to a template in dlib's space.
  private func coveredDistance(_ probe: PlacedProbe, _ index: Int32) -> Float? {
    guard let bare = bareForCovered.distance(to: probe.first, index) else { return nil }
    return PlacedTemplate.ForCovered.distance(bare: bare, covered: covered.distance(to: probe.first, index))
  }

  /// The nearest of some templates to a covered probe in dlib's space. Templates with and without a covered face have
  /// different distributions, so the nearest of both kinds are returned.
  private func nearestInOneSpace(_ probe: PlacedProbe, _ templates: [Int32], _ length: Int) -> [Int32] {
    var (with, without) = (Shortlist(length), Shortlist(length))
    for index in templates {
      guard let distance = coveredDistance(probe, index) else { continue }
      if covered.has(index) { with.offer(index, distance) } else { without.offer(index, distance) }
    }
    return with.templates + without.templates
  }
}
