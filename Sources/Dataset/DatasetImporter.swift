import Foundation
import Formats
public import Store
import Values
public import Vision

/// The result of an import.
public struct ImportReport: Sendable {
  /// The number of photos that were added to the collection.
  public internal(set) var added = 0
  /// The number of photos whose content was in the collection already, or twice in the folder.
  public internal(set) var skipped = 0
  /// The number of added photos that are near-duplicates of others.
  public internal(set) var nearDuplicates = 0
  /// The number of photos that were put into another split, to be with their near-duplicates.
  ///
  /// Their split differs from the one in the list or from their earlier one.
  public internal(set) var moved = 0
  /// The photos that were not imported, by name and reason.
  public internal(set) var problems: [FileProblem] = []
}

/// Imports labelled photos into the training collection.
///
/// ```swift
/// let plan = try ImportPlan(folder: "photos", source: "entrance", consent: "consent form 3")
/// let report = try DatasetImporter(store: store).run(plan)
/// print("\(report.added) added, \(report.skipped) skipped")
/// ```
public struct DatasetImporter {
  /// The settings of an import.
  public struct Options: Sendable {
    /// The limits of a photo.
    public var limits: PhotoLimits
    /// The share of near-duplicate clusters of each source that are used for validation, 0 to 1. Default 0.1.
    ///
    /// It applies to photos for which the list gives no split.
    public var validationShare: Double
    /// The seed of the random split. Default 1.
    public var seed: Int

    /// Options with the defaults.
    public init(limits: PhotoLimits = PhotoLimits(), validationShare: Double = 0.1, seed: Int = 1) {
      self.limits = limits
      self.validationShare = validationShare
      self.seed = seed
    }
  }

  private let store: Store
  private let options: Options

  /// Creates an importer.
  public init(store: Store, options: Options = Options()) {
    self.store = store
    self.options = options
  }

  /// Imports the photos of a plan. Run it again to finish an import that was stopped.
  ///
  /// It holds a few photos in memory, and about a hundred bytes for each photo of the collection.
  ///
  /// - Parameter progress: Called on this thread after each photo, with its file. An error that it throws stops the
  ///   run.
  /// - Throws: `StoreError` if the database fails. Photos that were stored before stay.
  public func run(_ plan: ImportPlan, progress: (String) throws -> Void = { _ in }) throws -> ImportReport {
    var run = try Run(store: store, options: options, problems: plan.problems)
    let (stored, limits) = (run.stored, options.limits)
    try forEachInOrder(plan.items) { item in
      Prepared(item, stored: stored, limits: limits)
    } consume: { item, prepared in
      switch prepared {
      case .known(let digest): run.skip(item, digest)
      case .photo(let content): try run.add(item, content)
      case .failed(let error):
        run.report.problems.append(
          FileProblem(file: item.file, code: (error as? PhotoError)?.word ?? "failed", reason: "\(error)"))
      }
      try progress(item.file)
    }
    try run.flush()
    return run.report
  }

  /// A photo that a worker thread has read.
  fileprivate enum Prepared: Sendable {
    case known(String)
    case photo(Content)
    case failed(any Error)

    struct Content: Sendable {
      let digest: String
      let data: Data
      let kind: TrainingPhoto.Kind
      let hash: PerceptualHash
    }

    init(_ item: ImportPlan.Item, stored: Set<String>, limits: PhotoLimits) {
      do {
        let data = try Photo.read(item.file, limits: limits)
        let digest = Digest.sha256(data)
        guard !stored.contains(digest) else {
          self = .known(digest)
          return
        }
        let photo = try Photo(decoding: data, limits: limits)
        let kind = TrainingPhoto.Kind(try PhotoHeader(of: data).format)
        self = .photo(Content(digest: digest, data: data, kind: kind, hash: try photo.image.perceptualHash()))
      } catch {
        self = .failed(error)
      }
    }
  }

  /// The state of one import.
  private struct Run {
    /// The most photos and bytes in one write to the database.
    private static let batch = (photos: 64, bytes: 16 << 20)

    let store: Store
    let options: Options
    /// The photos that were stored completely before the run began.
    let stored: Set<String>
    var report = ImportReport()
    private let recorded = Date()
    /// The labels of each photo: the imported one and the corrected one.
    private var labels: [String: (label: MaskLabel, current: MaskLabel)] = [:]
    private var clusters = NearDuplicates()
    private var waiting: [(photo: TrainingPhoto, data: Data)] = []
    private var waitingBytes = 0

    init(store: Store, options: Options, problems: [FileProblem]) throws {
      self.store = store
      self.options = options
      report.problems = problems
      let whole = try store.storedTrainingPhotoIDs()
      var stored: Set<String> = []
      var labels = labels
      var clusters = clusters
      try store.forEachTrainingPhoto { photo in
        clusters.add(photo)
        // A photo without its bytes is left from a stopped run. It is imported again.
        guard whole.contains(photo.id) else { return }
        stored.insert(photo.id)
        labels[photo.id] = (photo.label, photo.current)
      }
      (self.stored, self.labels, self.clusters) = (stored, labels, clusters)
    }

    mutating func skip(_ item: ImportPlan.Item, _ digest: String) {
      report.skipped += 1
      guard let there = labels[digest], item.label != there.label, item.label != there.current else { return }
      let id = digest.prefix(12)
      report.problems.append(
        FileProblem(
          file: item.file, code: DatasetError.Code.otherLabel.rawValue,
          reason: """
            the same photo is in the collection as \(there.current.rawValue), not \(item.label.rawValue); to change \
            it: rollcall dataset review --correct \(id)=\(item.label.rawValue) --by NAME --reason TEXT
            """))
    }

    mutating func add(_ item: ImportPlan.Item, _ content: Prepared.Content) throws {
      guard labels[content.digest] == nil else {
        skip(item, content.digest)
        return
      }
      if let reason = refusal(photo(item, content, cluster: "-", split: .train)) {
        report.problems.append(
          FileProblem(file: item.file, code: DatasetError.Code.invalidValue.rawValue, reason: reason))
        return
      }
      let place = clusters.place(content.hash, split: item.split ?? split(item, content))
      if place.cluster.photos > 1 { report.nearDuplicates += 1 }
      if let wanted = item.split, wanted != place.cluster.split { report.moved += 1 }
      try join(place)
      waiting.append((photo(item, content, cluster: place.cluster.id, split: place.cluster.split), content.data))
      waitingBytes += content.data.count
      labels[content.digest] = (item.label, item.label)
      report.added += 1
      if waiting.count >= Self.batch.photos || waitingBytes >= Self.batch.bytes { try flush() }
    }

    mutating func flush() throws {
      try store.addTrainingPhotos(waiting)
      waiting = []
      waitingBytes = 0
    }

    private mutating func join(_ place: NearDuplicates.Place) throws {
      guard !place.joined.isEmpty else { return }
      try flush()
      try store.joinTrainingClusters(place.joined.map(\.id), into: place.cluster.id, split: place.cluster.split)
      report.moved += place.joined.filter { $0.split != place.cluster.split }.reduce(0) { $0 + $1.photos }
    }

    /// The split of a cluster that begins with this photo. It is random, and the same in every run with the same seed.
    private func split(_ item: ImportPlan.Item, _ content: Prepared.Content) -> TrainingPhoto.Split {
      let digest = Digest.sha256(Data("\(options.seed)\n\(item.source)\n\(content.digest)".utf8))
      let number = UInt64(digest.prefix(12), radix: 16) ?? 0
      return Double(number) / Double(1 << 48) < options.validationShare ? .val : .train
    }

    private func photo(
      _ item: ImportPlan.Item, _ content: Prepared.Content, cluster: String, split: TrainingPhoto.Split
    ) -> TrainingPhoto {
      TrainingPhoto(
        id: content.digest, file: (item.file as NSString).lastPathComponent, kind: content.kind,
        bytes: content.data.count, hash: content.hash.plain, mirroredHash: content.hash.mirrored, cluster: cluster,
        label: item.label, source: item.source,
        split: split, consent: Consent(text: item.consent, date: recorded, recorded: recorded), name: item.name,
        imported: recorded)
    }

    private func refusal(_ photo: TrainingPhoto) -> String? {
      do {
        try photo.check()
        return nil
      } catch {
        return (error as? StoreError)?.cause ?? "\(error)"
      }
    }
  }
}

extension TrainingPhoto.Kind {
  fileprivate init(_ format: PhotoHeader.Format) {
    self =
      switch format {
      case .jpeg: .jpg
      case .png: .png
      case .webp: .webp
      case .bmp: .bmp
      case .tiff: .tif
      }
  }
}
