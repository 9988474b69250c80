/// The templates of the enrolled people, ready to search.
///
/// A search is exact: it compares every template. A gallery is a value and can be shared between threads.
public struct Gallery: Sendable {
  /// A person with the distance of the nearest template.
  public struct Match: Sendable, Equatable {
    /// The person's ID.
    public let personID: String
    /// The corrected distance, as `PlacedEmbedding` computes it.
    public let distance: Float
  }

  /// Which templates a probe is compared with, and how.
  public enum Part: Sendable, CaseIterable {
    /// All templates, by their bare faces: for bare probes.
    case all
    /// The templates that also hold the covered face, by the mean of the distances to both faces: for covered probes.
    case withCovered
    /// The templates without the covered face, by their bare faces: for covered probes.
    case withoutCovered
  }

  private var people: [String] = []
  private var indexOfPerson: [String: Int32] = [:]
  private var parts: [Part: Templates] = [:]

  /// Creates an empty gallery.
  public init() {}

  /// The number of templates.
  public var count: Int { parts[.all]?.owners.count ?? 0 }
  /// The number of people.
  public var personCount: Int { people.count }

  /// Adds a template of a person. A person may have several templates.
  ///
  /// - Parameters:
  ///   - template: The bare face, as the face encoder's model places it.
  ///   - forCovered: The same template as the periocular encoder's model places it; nil if covered probes are not
  ///     searched for.
  public mutating func add(_ template: PlacedEmbedding, forCovered: PlacedTemplate? = nil, personID: String) {
    let owner = indexOfPerson[personID] ?? Int32(people.count)
    if owner == people.count {
      people.append(personID)
      indexOfPerson[personID] = owner
    }
    parts[.all, default: Templates()].append([template], owner)
    guard let forCovered else { return }
    if let covered = forCovered.covered {
      parts[.withCovered, default: Templates()].append([forCovered.bare, covered], owner)
    } else {
      parts[.withoutCovered, default: Templates()].append([forCovered.bare], owner)
    }
  }

  /// The nearest people by corrected distance, nearest first. Each person appears once, with the nearest template.
  ///
  /// - Parameters:
  ///   - probe: Placed by the model of its method.
  ///   - part: The templates that the probe is compared with.
  ///   - limit: The maximum number of people.
  public func nearest(to probe: PlacedEmbedding, in part: Part = .all, limit: Int = 1) -> [Match] {
    guard limit > 0, let templates = parts[part] else { return [] }
    var best: [(owner: Int32, distance: Float)] = []
    templates.forEachDistance(to: probe.embedding) { owner, distance in
      if best.count == limit, let worst = best.last, distance >= worst.distance { return }
      if let own = best.firstIndex(where: { $0.owner == owner }) {
        guard distance < best[own].distance else { return }
        best.remove(at: own)
      }
      best.insert((owner, distance), at: best.firstIndex { distance < $0.distance } ?? best.endIndex)
      if best.count > limit { best.removeLast() }
    }
    return best.map { Match(personID: people[Int($0.owner)], distance: $0.distance - probe.correction) }
  }

  /// The corrected distances of a bare face from each template of one person.
  ///
  /// - Parameter probe: Placed by the model of its method.
  public func distances(of probe: PlacedEmbedding, to personID: String) -> [Float] {
    guard let owner = indexOfPerson[personID], let templates = parts[.all] else { return [] }
    var found: [Float] = []
    templates.forEachDistance(to: probe.embedding, of: owner) { found.append($0 - probe.correction) }
    return found
  }
}

/// Templates that are compared in the same way. Each is one embedding, or several of the same photo.
private struct Templates: Sendable {
  /// The person of each template.
  private(set) var owners: [Int32] = []
  /// Row-major, `Embedding.count` values each, one template's embeddings after the other.
  private var values: [Float] = []
  /// The correction that is subtracted from each template's mean distance.
  private var corrections: [Float] = []

  /// - Parameter places: The placed embeddings; the same number for each template.
  mutating func append(_ places: [PlacedEmbedding], _ owner: Int32) {
    owners.append(owner)
    for place in places { values += place.embedding.values }
    corrections.append(places.reduce(0) { $0 + $1.correction } / Float(places.count))
  }

  /// Calls `body` with the mean distance of a probe to each template's embeddings, minus their corrections.
  @inline(__always)
  func forEachDistance(to probe: Embedding, _ body: (_ owner: Int32, _ distance: Float) -> Void) {
    forEachDistance(to: probe, where: { _ in true }, body)
  }

  /// Calls `body` with the mean distance of a probe to the embeddings of each template of one person, minus their
  /// corrections.
  func forEachDistance(to probe: Embedding, of person: Int32, _ body: (_ distance: Float) -> Void) {
    forEachDistance(to: probe, where: { $0 == person }, { body($1) })
  }

  @inline(__always)
  private func forEachDistance(
    to probe: Embedding, where isWanted: (_ owner: Int32) -> Bool, _ body: (_ owner: Int32, _ distance: Float) -> Void
  ) {
    let each = values.count / Embedding.count / owners.count
    values.withUnsafeBufferPointer { values in
      probe.values.withUnsafeBufferPointer { probe in
        for (index, owner) in owners.enumerated() where isWanted(owner) {
          var sum: Float = 0
          for row in index * each..<(index + 1) * each {
            sum += squaredDistance(probe, values, from: row * Embedding.count).squareRoot()
          }
          body(owner, sum / Float(each) - corrections[index])
        }
      }
    }
  }
}

/// The sum of squared differences, sixteen at a time.
@inline(__always)
private func squaredDistance(
  _ probe: UnsafeBufferPointer<Float>, _ templates: UnsafeBufferPointer<Float>, from start: Int
) -> Float {
  var sums = SIMD16<Float>.zero
  let left = UnsafeRawBufferPointer(probe)
  let right = UnsafeRawBufferPointer(templates)
  for offset in stride(from: 0, to: Embedding.count, by: 16) {
    let a = left.loadUnaligned(fromByteOffset: offset * 4, as: SIMD16<Float>.self)
    let b = right.loadUnaligned(fromByteOffset: (start + offset) * 4, as: SIMD16<Float>.self)
    let difference = a - b
    sums += difference * difference
  }
  return sums.sum()
}
