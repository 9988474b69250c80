import Foundation
import Vision

/// One placed embedding of each template, as far as it has one.
struct Column: Sendable {
  /// The templates that have an embedding here, in the order of the rows.
  private(set) var templates: [Int32] = []
  /// The row of each template; -1 if it has none.
  private var rows: [Int32] = []
  /// Row-major, `dimensions` values each.
  private var values: [Float] = []
  /// The correction that is subtracted from each row's distance.
  private var corrections: [Float] = []
  private let dimensions: Int

  init(dimensions: Int) {
    self.dimensions = dimensions
  }

  /// Adds the embedding of the next template; nil if it has none.
  mutating func append(_ place: PlacedEmbedding?, _ template: Int32) {
    guard let place else { return rows.append(-1) }
    rows.append(Int32(templates.count))
    templates.append(template)
    values += place.embedding.values
    corrections.append(place.correction)
  }

  /// Whether a template has an embedding here.
  func has(_ template: Int32) -> Bool { rows[Int(template)] >= 0 }

  /// The corrected distance of a probe to a template; nil if the template has no embedding here.
  func distance(to probe: PlacedEmbedding, _ template: Int32) -> Float? {
    let row = Int(rows[Int(template)])
    guard row >= 0 else { return nil }
    return values.withUnsafeBufferPointer { values in
      probe.embedding.values.withUnsafeBufferPointer {
        squaredDistance($0, values, from: row * dimensions, dimensions).squareRoot()
      }
    } - corrections[row] - probe.correction
  }

  /// The smallest number of values that is worth a thread of its own: 4 MB.
  private static let worthAThread = 1 << 20

  /// The templates with the smallest corrected distances, the nearest first. Many templates are searched on all
  /// processors.
  func nearest(to probe: PlacedEmbedding, _ length: Int) -> [Int32] {
    let threads = min(ProcessInfo.processInfo.activeProcessorCount, values.count / Self.worthAThread)
    guard threads > 1 else { return nearest(to: probe, length, in: templates.indices).templates }
    let share = (templates.count + threads - 1) / threads
    let parts = stride(from: 0, to: templates.count, by: share).map { $0..<min($0 + share, templates.count) }
    return mapInParallel(parts) { nearest(to: probe, length, in: $0) }.reduce(into: Shortlist(length)) {
      $0.offer($1)
    }.templates
  }

  private func nearest(to probe: PlacedEmbedding, _ length: Int, in part: Range<Int>) -> Shortlist {
    var shortlist = Shortlist(length)
    values.withUnsafeBufferPointer { values in
      probe.embedding.values.withUnsafeBufferPointer { probe in
        for row in part {
          shortlist.offer(
            templates[row],
            squaredDistance(probe, values, from: row * dimensions, dimensions).squareRoot() - corrections[row])
        }
      }
    }
    return shortlist
  }
}

/// The nearest templates that were offered, nearest first.
struct Shortlist: Sendable {
  private var best: [(template: Int32, distance: Float)] = []
  private let length: Int

  var templates: [Int32] { best.map(\.template) }

  init(_ length: Int) {
    self.length = length
    best.reserveCapacity(length + 1)
  }

  @inline(__always)
  mutating func offer(_ template: Int32, _ distance: Float) {
    if best.count == length, let worst = best.last, distance >= worst.distance { return }
    var place = best.count
    while place > 0, best[place - 1].distance > distance { place -= 1 }
    best.insert((template, distance), at: place)
    if best.count > length { best.removeLast() }
  }

  /// Offers the templates of another shortlist.
  mutating func offer(_ other: Shortlist) {
    for (template, distance) in other.best { offer(template, distance) }
  }
}

/// The sum of squared differences, sixteen at a time. The number of dimensions is a multiple of sixteen.
@inline(__always)
func squaredDistance(
  _ probe: UnsafeBufferPointer<Float>, _ templates: UnsafeBufferPointer<Float>, from start: Int, _ dimensions: Int
) -> Float {
  var sums = SIMD16<Float>.zero
  let left = UnsafeRawBufferPointer(probe)
  let right = UnsafeRawBufferPointer(templates)
  for offset in stride(from: 0, to: dimensions, by: 16) {
    let a = left.loadUnaligned(fromByteOffset: offset * 4, as: SIMD16<Float>.self)
    let b = right.loadUnaligned(fromByteOffset: (start + offset) * 4, as: SIMD16<Float>.self)
    let difference = a - b
    sums += difference * difference
  }
  return sums.sum()
}
