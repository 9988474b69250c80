import Foundation
import Recognize

/// A normal distribution of distances.
struct Normal: Encodable {
  var mean = 1.0
  var deviation = 1.0
  /// The number of pairs of faces that it was measured on.
  var pairs = 0
}

/// The normal distribution through the quantiles from 0.5 % to 10 %.
///
/// Lower quantiles are not used: the photos of strangers contain a few pictures of the same person, about one pair in
/// two thousand.
func strangers(_ unsorted: [Double]) -> Normal {
  let strangers = unsorted.sorted()
  let quantiles = [(0.1, -1.2816), (0.05, -1.6449), (0.02, -2.0537), (0.01, -2.3263), (0.005, -2.5758)]
  let points = quantiles.map { (z: $0.1, distance: strangers[Int(Double(strangers.count) * $0.0)]) }
  let meanZ = points.map(\.z).reduce(0, +) / Double(points.count)
  let meanDistance = points.map(\.distance).reduce(0, +) / Double(points.count)
  let slope =
    points.map { ($0.z - meanZ) * ($0.distance - meanDistance) }.reduce(0, +)
    / points.map { ($0.z - meanZ) * ($0.z - meanZ) }.reduce(0, +)
  for (share, z) in quantiles + [(0.001, -3.0902), (0.0001, -3.719)] {
    print(
      "  \(share): \(strangers[Int(Double(strangers.count) * share)]), fitted \(meanDistance + slope * (z - meanZ))")
  }
  return .init(mean: meanDistance - slope * meanZ, deviation: slope, pairs: strangers.count)
}

/// The normal distribution of genuine distances. Its width comes from the middle of the distances, because a folder may
/// contain mislabelled photos, which are not genuine pairs.
func genuine(_ unsorted: [Double]) -> Normal {
  let genuine = unsorted.sorted()
  let deviation = Double(genuine[genuine.count * 84 / 100] - genuine[genuine.count * 16 / 100]) / 2
  return .init(mean: Double(genuine[genuine.count / 2]), deviation: deviation, pairs: genuine.count)
}

/// Little-endian 32-bit floats in base 64.
func base64(_ values: [Float]) -> String {
  values.reduce(into: Data()) { data, value in
    withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
  }.base64EncodedString()
}

/// The centres of groups of faces, by k-means from evenly spread starts.
///
/// Groups of fewer than `least` people are dropped, so that no centre is the template of one person.
func centres(of faces: [Embedding], count: Int, least: Int) -> [Embedding] {
  var centres = stride(from: 0, to: faces.count, by: max(1, faces.count / count)).prefix(count).map { faces[$0] }
  var groups: [[Embedding]] = []
  for _ in 0..<15 {
    groups = [[Embedding]](repeating: [], count: centres.count)
    for face in faces {
      let nearest = centres.indices.min { face.distance(to: centres[$0]) < face.distance(to: centres[$1]) }
      groups[nearest ?? 0].append(face)
    }
    centres = zip(centres, groups).map { old, group in Embedding(mean: group) ?? old }
  }
  return zip(centres, groups).filter { $1.count >= least }.map(\.0)
}

/// Calls `body` with each pair of an array.
func forEachPair<Element>(_ all: [Element], _ body: (Element, Element) -> Void) {
  for (index, one) in all.enumerated() {
    for other in all[(index + 1)...] { body(one, other) }
  }
}

/// Calls `body` with each pair of strangers of the same origin, because the people of one school or clinic look more
/// alike than the people of the world.
func forEachPairOfOneOrigin<Element>(_ all: [(origin: String?, Element)], _ body: (Element, Element) -> Void) {
  for group in Dictionary(grouping: all, by: \.origin).values { forEachPair(group.map(\.1), body) }
}

struct NoPairs: Error, CustomStringConvertible {
  let description = "no folder with two photos of one person in which a face is found"
}

func requirePairs(_ distances: [Double]) throws {
  if distances.isEmpty { throw NoPairs() }
}

/// A model's file: JSON with sorted keys.
func fileContents(_ model: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  return try encoder.encode(model) + Data("\n".utf8)
}
