/// The templates of the enrolled people, ready to search. Search is exact: every template is compared.
///
/// A value: `add` makes it larger; share it between threads freely.
public struct Gallery: Sendable {
  /// One enrolled person's nearest template.
  public struct Match: Sendable, Equatable {
    /// The person's ID.
    public let personID: String
    /// Corrected distance, as `PlacedEmbedding` gives it.
    public let distance: Float
  }

  /// Which templates a probe is compared with, and how.
  public enum Part: Sendable, CaseIterable {
    /// All, by their bare faces: for bare probes.
    case all
    /// For covered probes those that also hold the covered face: by the mean of the distances to both.
    case withCovered
    /// For covered probes those that do not, by their bare faces.
    case withoutCovered
  }

  private var people: [String] = []
  private var indexOfPerson: [String: Int32] = [:]
  private var parts: [Part: Templates] = [:]

  /// A gallery of nobody.
  public init() {}

  /// Templates in the gallery.
  public var count: Int { parts[.all]?.owners.count ?? 0 }
  /// People in the gallery.
  public var personCount: Int { people.count }

  /// Adds a template of a person, who may have others.
  ///
  /// - Parameters:
  ///   - template: The bare face, as the face encoder's model places it.
  ///   - forCovered: The same template as the periocular encoder's model places it; nil where no covered probe is
  ///     looked for.
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

  /// The nearest people by corrected distance, nearest first, each once by their nearest template.
  ///
  /// - Parameters:
  ///   - probe: Placed by the model of its method.
  ///   - part: Which templates are looked at.
  ///   - limit: At most this many people.
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
}

/// Templates that are compared alike: each is one embedding, or several of the same photo.
private struct Templates: Sendable {
  /// The person of each template.
  private(set) var owners: [Int32] = []
  /// Row-major, `Embedding.count` values each, one template's embeddings after the other.
  private var values: [Float] = []
  /// What is taken off each template's mean distance.
  private var corrections: [Float] = []

  /// - Parameter places: As many for each template.
  mutating func append(_ places: [PlacedEmbedding], _ owner: Int32) {
    owners.append(owner)
    for place in places { values += place.embedding.values }
    corrections.append(places.reduce(0) { $0 + $1.correction } / Float(places.count))
  }

  /// Gives `body` the mean distance of a probe to each template's embeddings, corrected by their places.
  @inline(__always)
  func forEachDistance(to probe: Embedding, _ body: (_ owner: Int32, _ distance: Float) -> Void) {
    let each = values.count / Embedding.count / owners.count
    values.withUnsafeBufferPointer { values in
      probe.values.withUnsafeBufferPointer { probe in
        for (index, owner) in owners.enumerated() {
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
