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

  private var people: [String] = []
  private var indexOfPerson: [String: Int32] = [:]
  /// Row-major, `Embedding.count` values a template.
  private var templates: [Float] = []
  /// The person of each template.
  private var owners: [Int32] = []
  /// The correction of each template.
  private var corrections: [Float] = []

  /// A gallery of nobody.
  public init() {}

  /// Templates in the gallery.
  public var count: Int { owners.count }
  /// People in the gallery.
  public var personCount: Int { people.count }

  /// Adds a template of a person, who may have others.
  public mutating func add(_ template: PlacedEmbedding, personID: String) {
    let owner = indexOfPerson[personID] ?? Int32(people.count)
    if owner == people.count {
      people.append(personID)
      indexOfPerson[personID] = owner
    }
    owners.append(owner)
    corrections.append(template.correction)
    templates += template.embedding.values
  }

  /// The nearest people by corrected distance, nearest first, each once by their nearest template.
  ///
  /// - Parameter limit: At most this many.
  public func nearest(to probe: PlacedEmbedding, limit: Int = 1) -> [Match] {
    guard limit > 0, !owners.isEmpty else { return [] }
    var best: [(owner: Int32, distance: Float)] = []
    templates.withUnsafeBufferPointer { templates in
      probe.embedding.values.withUnsafeBufferPointer { probe in
        for (index, owner) in owners.enumerated() {
          let distance =
            squaredDistance(probe, templates, from: index * Embedding.count).squareRoot() - corrections[index]
          if best.count == limit, let worst = best.last, distance >= worst.distance { continue }
          if let own = best.firstIndex(where: { $0.owner == owner }) {
            guard distance < best[own].distance else { continue }
            best.remove(at: own)
          }
          best.insert((owner, distance), at: best.firstIndex { distance < $0.distance } ?? best.endIndex)
          if best.count > limit { best.removeLast() }
        }
      }
    }
    return best.map { Match(personID: people[Int($0.owner)], distance: $0.distance - probe.correction) }
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
