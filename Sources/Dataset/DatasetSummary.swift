import Formats
import Store

/// How many photos of which kind the training collection has.
public struct DatasetSummary: Sendable, Equatable {
  /// Counts of some of the photos.
  public struct Counts: Sendable, Equatable {
    /// All of them.
    public internal(set) var photos = 0
    /// By the label that counts now.
    public internal(set) var labels: [TrainingPhoto.Label: Int] = [:]
    /// By what they are for.
    public internal(set) var splits: [TrainingPhoto.Split: Int] = [:]
    /// Those with another label than they were imported with.
    public internal(set) var corrected = 0
    /// Those that somebody has looked at.
    public internal(set) var reviewed = 0

    mutating func add(_ photo: TrainingPhoto) {
      photos += 1
      labels[photo.current, default: 0] += 1
      splits[photo.split, default: 0] += 1
      if photo.current != photo.label { corrected += 1 }
      if !photo.corrections.isEmpty { reviewed += 1 }
    }
  }

  /// All photos.
  public private(set) var all = Counts()
  /// The photos of each source.
  public private(set) var sources: [String: Counts] = [:]
  /// Clusters of near-duplicates, those of one photo included.
  public let clusters: Int

  /// Counts the collection.
  ///
  /// - Throws: `StoreError`.
  public init(_ store: Store) throws {
    var all = Counts()
    var sources: [String: Counts] = [:]
    var clusters: Set<String> = []
    try store.forEachTrainingPhoto { photo in
      all.add(photo)
      sources[photo.source, default: Counts()].add(photo)
      clusters.insert(photo.cluster)
    }
    (self.all, self.sources, self.clusters) = (all, sources, clusters.count)
  }
}
