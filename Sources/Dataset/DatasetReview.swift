import Foundation
public import Mask
public import Recognize
public import Store
public import Values
public import Vision

/// A photo whose label differs from the classifier's.
public struct Disagreement: Sendable {
  /// The photo with its label.
  public let photo: TrainingPhoto
  /// The answer of the classifier for the main face.
  public let status: MaskStatus

  /// The probability of the classifier's label minus that of the photo's label, 0 to 1.
  public var degree: Double { status[status.likeliest] - status[photo.current] }
}

/// The result of a review.
public struct ReviewReport: Sendable {
  /// The number of photos whose face was classified.
  public internal(set) var photos = 0
  /// The disagreements, the largest first.
  public internal(set) var disagreements: [Disagreement] = []
  /// The number of all disagreements, also those beyond the limit.
  public internal(set) var disagreeing = 0
  /// The photos that could not be classified, by ID and reason: no face was found, or the bytes are missing.
  public internal(set) var problems: [FileProblem] = []
}

/// Searches the training collection for wrong labels: photos that the classifier labels differently.
///
/// ```swift
/// let review = DatasetReview(store, recognizer: recognizer, classifier: classifier)
/// let report = try review.run(limit: 100)
/// try ReviewFolder("review").write(report.disagreements, from: store)
/// ```
public struct DatasetReview {
  private let store: Store
  private let recognizer: Recognizer
  private let classifier: MaskClassifier

  /// For photos in which the default options find no face. The label says that there is one.
  private static let smallFaces = Detector.Options(minimumFace: 20, maximumPixels: 1_000_000)

  /// The number of photos in one call of the classifier.
  private static let batch = 16

  /// Prepares a review of a store's training collection.
  public init(_ store: Store, recognizer: Recognizer, classifier: MaskClassifier) {
    self.store = store
    self.recognizer = recognizer
    self.classifier = classifier
  }

  /// Classifies the main face of every photo, and keeps the photos whose label differs.
  ///
  /// - Parameters:
  ///   - query: The photos to review.
  ///   - again: Whether to include photos that a person has reviewed.
  ///   - limit: The most disagreements to keep. The largest are kept.
  ///   - progress: Called on this thread after each photo, with the number of all photos. An error that it throws stops
  ///     the run.
  /// - Throws: `StoreError` if the database fails, `VisionError` if a network fails.
  public func run(
    _ query: Store.TrainingQuery = .init(), again: Bool = false, limit: Int = .max,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> ReviewReport {
    var photos: [TrainingPhoto] = []
    try store.forEachTrainingPhoto(query) { if again || $0.corrections.isEmpty { photos.append($0) } }
    var report = ReviewReport()
    var waiting: [(photo: TrainingPhoto, crop: [UInt8])] = []
    func classify() throws {
      for ((photo, _), status) in zip(waiting, try classifier.classify(crops: waiting.map(\.crop))) {
        report.photos += 1
        guard status.likeliest != photo.current else { continue }
        report.disagreeing += 1
        report.disagreements.append(Disagreement(photo: photo, status: status))
      }
      waiting = []
      report.disagreements.sort { ($0.degree, $1.photo.id) > ($1.degree, $0.photo.id) }
      report.disagreements.removeLast(max(0, report.disagreements.count - limit))
    }
    let (store, recognizer, classifier) = (store, recognizer, classifier)
    try forEachInOrder(photos) { photo in
      Result { try Self.crop(photo, store, recognizer, classifier) }
    } consume: { photo, result in
      switch result {
      case .success(let crop): waiting.append((photo, crop))
      case .failure(let error as DatasetError):
        report.problems.append(FileProblem(file: photo.id, code: error.code.rawValue, reason: error.description))
      case .failure(let error): throw error
      }
      if waiting.count == Self.batch { try classify() }
      try progress(photos.count)
    }
    try classify()
    return report
  }

  /// The crop of a photo's main face. It runs on a worker thread.
  private static func crop(
    _ photo: TrainingPhoto, _ store: Store, _ recognizer: Recognizer, _ classifier: MaskClassifier
  ) throws -> [UInt8] {
    guard let data = try store.trainingPhotoData(id: photo.id) else {
      throw DatasetError(.missing, "its bytes are not in the database, because an import was stopped; import it again")
    }
    let image = try Photo(decoding: data).image
    var faces = try recognizer.faces(in: image)
    if faces.isEmpty { faces = try recognizer.faces(in: image, options: smallFaces) }
    guard let face = Recognizer.main(of: faces, in: image),
      let crop = try classifier.crops(of: [face.landmarks], in: image).first
    else {
      throw DatasetError(.noFace, "no face is found in it")
    }
    return crop
  }
}
