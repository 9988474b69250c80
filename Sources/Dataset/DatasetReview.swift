import Enroll
import Foundation
import Mask
import Recognize
import Store
import Vision

/// A photo whose label the classifier does not believe.
public struct Disagreement: Sendable {
  /// The photo with its label.
  public let photo: TrainingPhoto
  /// What the classifier says of its main face.
  public let status: MaskStatus

  /// How much likelier the classifier finds its own label than the photo's, 0…1.
  public var degree: Double { status[status.likeliest] - status[MaskLabel(photo.current)] }
}

/// What a review found.
public struct ReviewReport: Sendable {
  /// Photos with a face that was looked at.
  public internal(set) var photos = 0
  /// The most doubtful first.
  public internal(set) var disagreements: [Disagreement] = []
  /// How many disagreements there are, those past the limit included.
  public internal(set) var disagreeing = 0
  /// Photos that could not be looked at, by id and reason: there is no face in them that is found, or their bytes are missing.
  public internal(set) var problems: [Problem] = []
}

/// Looks for wrong labels: photos of which the classifier says something else.
public struct DatasetReview {
  private let store: Store
  private let recognizer: Recognizer
  private let classifier: MaskClassifier

  /// Where nothing is found otherwise: the photo shows a face, says its label.
  private static let smallFaces = Detector.Options(minimumFace: 20, maximumPixels: 1_000_000)

  /// Photos in one call of the classifier.
  private static let batch = 16

  /// A review of a store's training collection.
  public init(_ store: Store, recognizer: Recognizer, classifier: MaskClassifier) {
    self.store = store
    self.recognizer = recognizer
    self.classifier = classifier
  }

  /// Labels the main face of every photo, and keeps those with another label than the photo has.
  ///
  /// - Parameters:
  ///   - query: Which photos.
  ///   - again: Also those that somebody has looked at.
  ///   - limit: How many disagreements are kept, the greatest.
  ///   - progress: Called on this thread after each photo with how many there are in all. What it throws stops the run.
  /// - Throws: `StoreError` when the database fails, `VisionError` when a network does.
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
        guard status.likeliest != MaskLabel(photo.current) else { continue }
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
        report.problems.append(Problem(file: photo.id, code: error.code.rawValue, reason: error.description))
      case .failure(let error): throw error
      }
      if waiting.count == Self.batch { try classify() }
      try progress(photos.count)
    }
    try classify()
    return report
  }

  /// The crop of a photo's main face. Runs on a worker thread.
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

extension MaskLabel {
  /// A photo's label as the classifier names it.
  public init(_ label: TrainingPhoto.Label) {
    self =
      switch label {
      case .mask: .mask
      case .incorrect: .incorrect
      case .covering: .covering
      case .none: .none
      }
  }
}
