import Foundation
import Recognize

/// The track that each face of a picture continues.
///
/// Position decides if it is unambiguous. If faces cross, stand close together, or come back after a while, their
/// appearance decides too.
struct Association {
  /// Position is unambiguous if one face is nearer by this much, in face widths.
  private static let clear = 0.4
  /// The weight of a distance between embeddings against a face's width.
  private static let appearance = 2.0
  /// Embeddings that are farther apart belong to different people: dlib's encoder was trained with this limit. Between
  /// methods, distances may be larger.
  private static let samePerson = 0.6

  private struct Pair {
    let track: Int
    let sample: Int
    var cost: Double
  }

  /// For each face the index of its track; nil for a new face.
  private(set) var trackOfSample: [Int?]

  /// - Parameter encode: Encodes faces. It is called only if their positions are ambiguous.
  init(_ tracks: [Track], _ samples: [FaceSample], at time: Date, encode: ([FaceSample]) throws -> Void) rethrows {
    trackOfSample = Array(repeating: nil, count: samples.count)
    var pairs: [Pair] = []
    for (index, track) in tracks.enumerated() {
      for (place, sample) in samples.enumerated() {
        if let gap = track.gap(to: sample.detection.box, at: time) {
          pairs.append(Pair(track: index, sample: place, cost: gap))
        }
      }
    }
    pairs.sort { $0.cost < $1.cost }
    for group in Self.groups(pairs) {
      let isClear =
        group.allSatisfy { !tracks[$0.track].isStale(at: time) }
        && Self.matching(group).allSatisfy { match in
          group.allSatisfy { other in
            (other.track == match.track) == (other.sample == match.sample) || other.cost - match.cost > Self.clear
          }
        }
      guard !isClear else {
        for match in Self.matching(group) { trackOfSample[match.sample] = match.track }
        continue
      }
      try encode(Set(group.map(\.sample)).sorted().map { samples[$0] })
      var judged: [Pair] = []
      for var pair in group {
        let track = tracks[pair.track]
        let distance = track.appearance.distance(to: samples[pair.sample].probes)
        // The track was without its face for a while, so a face in its place must also look like it.
        if track.isStale(at: time), let distance, distance > Self.samePerson { continue }
        pair.cost += Self.appearance * (distance ?? Self.samePerson)
        judged.append(pair)
      }
      for match in Self.matching(judged.sorted { $0.cost < $1.cost }) { trackOfSample[match.sample] = match.track }
    }
  }

  /// The pairs with the lowest cost, so that each track and each face is in one pair at most.
  private static func matching(_ pairs: [Pair]) -> [Pair] {
    var (tracks, samples): (Set<Int>, Set<Int>) = ([], [])
    return pairs.filter { pair in
      guard !tracks.contains(pair.track), !samples.contains(pair.sample) else { return false }
      tracks.insert(pair.track)
      samples.insert(pair.sample)
      return true
    }
  }

  /// The pairs in groups that share neither a track nor a face. Each group is sorted by cost.
  private static func groups(_ pairs: [Pair]) -> [[Pair]] {
    var groups: [[Pair]] = []
    for pair in pairs {
      let touching = groups.indices.filter { index in
        groups[index].contains { $0.track == pair.track || $0.sample == pair.sample }
      }
      let joined = touching.flatMap { groups[$0] } + [pair]
      for index in touching.reversed() { groups.remove(at: index) }
      groups.append(joined.sorted { $0.cost < $1.cost })
    }
    return groups
  }
}
