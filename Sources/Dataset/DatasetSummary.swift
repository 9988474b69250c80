public import Store
public import Values

/// The numbers of photos in the training collection, by label, split and source.
///
/// ```swift
/// let summary = try DatasetSummary(store)
/// print("\(summary.all.photos) photos in \(summary.clusters) clusters")
/// ```
public struct DatasetSummary: Sendable, Equatable {
  /// The counts of a set of photos.
  public struct Counts: Sendable, Equatable {
    /// The number of photos.
    public internal(set) var photos = 0
    /// The number of photos by their present label.
    public internal(set) var labels: [MaskLabel: Int] = [:]
    /// The number of photos by split.
    public internal(set) var splits: [TrainingPhoto.Split: Int] = [:]
    /// The number of photos whose label differs from the imported one.
    public internal(set) var corrected = 0
    /// The number of photos that a person has reviewed.
    public internal(set) var reviewed = 0

    mutating func add(_ photo: TrainingPhoto) {
      photos += 1
      labels[photo.current, default: 0] += 1
      splits[photo.split, default: 0] += 1
      if photo.current != photo.label { corrected += 1 }
      if !photo.corrections.isEmpty { reviewed += 1 }
    }
  }

  /// The counts of all photos.
  public private(set) var all = Counts()
  /// The counts by source.
  public private(set) var sources: [String: Counts] = [:]
  /// The number of near-duplicate clusters. A photo without near-duplicates is a cluster too.
  public let clusters: Int

  /// Counts the photos in a store.
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
