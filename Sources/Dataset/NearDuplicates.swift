import Foundation
import Store
import Vision

/// Near-duplicates by perceptual hash: photos near each other, directly or over others, form a cluster, and a cluster has one split. A photo in
/// training and its copy in validation would make the classifier look better than it is.
struct NearDuplicates {
  /// Photos at most this many bits apart are near-duplicates. On 9,332 photos from eight sources, out of which copies up to 6 bits apart
  /// had been taken, 23 of the 38 pairs 8 bits apart were copies or shots of one moment, and about a quarter of those 10 bits apart; no
  /// cluster had more than three photos, where at 12 bits one would have had 326. Two photos that only look alike lose nothing by being
  /// in one split.
  static let reach = 8

  /// What photos of one cluster share.
  struct Cluster {
    let id: String
    let split: TrainingPhoto.Split
    var photos: Int
  }

  /// Where a photo goes.
  struct Place {
    let cluster: Cluster
    /// Clusters that the photo shows to be the same as `cluster`, which is the largest of them.
    let joined: [Cluster]
  }

  private var hashes: [PerceptualHash] = []
  /// The position of each photo's cluster in `clusters`.
  private var owners: [Int32] = []
  /// Joined ones stay here without photos.
  private var clusters: [Cluster] = []
  private var positions: [String: Int32] = [:]

  /// Adds a photo that has its cluster already.
  mutating func add(_ photo: TrainingPhoto) {
    let position = positions[photo.cluster] ?? found(Cluster(id: photo.cluster, split: photo.split, photos: 0))
    enter(PerceptualHash(plain: photo.hash, mirrored: photo.mirroredHash), at: position)
  }

  /// Finds the place of a new photo, and adds it.
  ///
  /// - Parameter split: The split of a cluster that begins with this photo.
  mutating func place(_ hash: PerceptualHash, split: TrainingPhoto.Split) -> Place {
    var near: Set<Int32> = []
    for index in hashes.indices where hash.distance(to: hashes[index]) <= Self.reach { near.insert(owners[index]) }
    let order = near.sorted {
      let (left, right) = (clusters[Int($0)].photos, clusters[Int($1)].photos)
      return left == right ? $0 < $1 : left > right
    }
    // Not made from the first photo's digest: when that is forgotten, no trace of it stays with the others.
    let position = order.first ?? found(Cluster(id: UUID().uuidString, split: split, photos: 0))
    let joined = order.dropFirst().map { clusters[Int($0)] }
    if !joined.isEmpty {
      let others = Set(order.dropFirst())
      for index in owners.indices where others.contains(owners[index]) { owners[index] = position }
      for other in others { clusters[Int(other)].photos = 0 }
      clusters[Int(position)].photos += joined.reduce(0) { $0 + $1.photos }
    }
    enter(hash, at: position)
    return Place(cluster: clusters[Int(position)], joined: Array(joined))
  }

  private mutating func found(_ cluster: Cluster) -> Int32 {
    let position = Int32(clusters.count)
    clusters.append(cluster)
    positions[cluster.id] = position
    return position
  }

  private mutating func enter(_ hash: PerceptualHash, at position: Int32) {
    hashes.append(hash)
    owners.append(position)
    clusters[Int(position)].photos += 1
  }
}
