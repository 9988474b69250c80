import Foundation
import Store
import Vision

/// Clusters of near-duplicates, found by perceptual hash.
///
/// Photos that are near each other, directly or through others, form a cluster. All photos of a cluster have the same
/// split: with a photo in training and its copy in validation, the classifier would look better than it is.
struct NearDuplicates {
  /// The largest distance of near-duplicates, in bits.
  ///
  /// It was measured on 9,332 photos from eight sources, after copies up to 6 bits apart had been removed. 23 of the 38
  /// pairs 8 bits apart were copies or shots of one moment; of the pairs 10 bits apart it was about a quarter. No
  /// cluster had more than three photos. At 12 bits, one cluster would have had 326. Two photos that only look alike
  /// can share a split without harm.
  static let reach = 8

  /// The properties that the photos of a cluster share.
  struct Cluster {
    let id: String
    let split: TrainingPhoto.Split
    var photos: Int
  }

  /// The place of a photo.
  struct Place {
    let cluster: Cluster
    /// The clusters that this photo connects with `cluster`, which is the largest of them.
    let joined: [Cluster]
  }

  private var hashes: [PerceptualHash] = []
  /// The position of each photo's cluster in `clusters`.
  private var owners: [Int32] = []
  /// All clusters. One that was joined with another stays here without photos.
  private var clusters: [Cluster] = []
  private var positions: [String: Int32] = [:]

  /// Adds a photo whose cluster is known.
  mutating func add(_ photo: TrainingPhoto) {
    let position = positions[photo.cluster] ?? found(Cluster(id: photo.cluster, split: photo.split, photos: 0))
    enter(PerceptualHash(plain: photo.hash, mirrored: photo.mirroredHash), at: position)
  }

  /// Finds the cluster of a new photo and adds the photo to it.
  ///
  /// - Parameter split: The split of a cluster that begins with this photo.
  mutating func place(_ hash: PerceptualHash, split: TrainingPhoto.Split) -> Place {
    var near: Set<Int32> = []
    for index in hashes.indices where hash.distance(to: hashes[index]) <= Self.reach { near.insert(owners[index]) }
    let order = near.sorted {
      let (left, right) = (clusters[Int($0)].photos, clusters[Int($1)].photos)
      return left == right ? $0 < $1 : left > right
    }
    // The ID is random. Derived from the first photo's digest, it would stay with the others when that photo is
    // forgotten.
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
