import Foundation
import Formats
public import Store
import Values
public import Vision

/// Corrected labels of training photos, added one by one or as a list.
///
/// ```swift
/// var corrections = Corrections()
/// try corrections.add(list: "review/review.csv", by: "ada", reason: nil, in: store)
/// let changed = try corrections.apply(to: store)
/// ```
public struct Corrections: Sendable {
  /// One photo with its right label.
  public struct Entry: Sendable, Equatable {
    /// The full ID of the photo.
    public let id: String
    /// The right label, with its author and reason.
    public let correction: TrainingPhoto.Correction
  }

  /// The corrections to apply.
  public private(set) var entries: [Entry] = []
  /// The rows of a list that cannot be used. The other rows are used.
  public private(set) var problems: [FileProblem] = []

  /// An empty set of corrections.
  public init() {}

  /// Adds one correction.
  ///
  /// - Parameters:
  ///   - id: The ID of the photo, or a beginning of it that is unique.
  /// - Throws: `DatasetError` if there is no such photo or more than one; `StoreError`.
  public mutating func add(_ id: String, _ correction: TrainingPhoto.Correction, in store: Store) throws {
    entries.append(Entry(id: try store.trainingPhotoID(id), correction: correction))
  }

  /// Adds a list with the columns `id` and `correct`, and optionally `reason`.
  ///
  /// Rows without a right label are skipped. If the right label is the present one, the photo is confirmed.
  ///
  /// - Parameters:
  ///   - reason: The reason for rows without one.
  /// - Throws: `DatasetError` if the list cannot be read; `StoreError`.
  public mutating func add(list file: String, by name: String, reason: String?, in store: Store) throws {
    let table: CSV.Table
    do {
      table = try CSV.Table(parsing: String(contentsOfFile: file, encoding: .utf8), requiring: ["id", "correct"])
    } catch let error as CSV.Failure {
      throw DatasetError("\(file): \(error)")
    } catch {
      throw DatasetError("\(file) cannot be read as text in UTF-8")
    }
    for row in table.rows {
      guard let word = row["correct"] else { continue }
      do {
        guard let label = MaskLabel(word: word) else {
          throw DatasetError(.noClass, "“\(word)” is none of mask, incorrect, covering, none (or no_mask)")
        }
        guard let reason = row["reason"].map(CSV.plain) ?? reason else {
          throw DatasetError(.noReason, "no reason: fill the column “reason”")
        }
        guard let id = row["id"] else { throw DatasetError(.missing, "the cell “id” is empty") }
        try add(id, TrainingPhoto.Correction(label: label, by: name, reason: reason), in: store)
      } catch let error as DatasetError {
        problems.append(
          FileProblem(file: "\(file), line \(row.line)", code: error.code.rawValue, reason: error.description))
      }
    }
  }

  /// Writes the corrections to the store.
  ///
  /// - Returns: The number of labels that changed. The other labels were confirmed.
  /// - Throws: `StoreError`. Corrections that were written before stay.
  public func apply(to store: Store) throws -> Int {
    var changed = 0
    for entry in entries {
      var before: MaskLabel?
      try store.forEachTrainingPhoto(.init(ids: [entry.id])) { before = $0.current }
      try store.correctTrainingPhoto(id: entry.id, entry.correction)
      if before != entry.correction.label { changed += 1 }
    }
    return changed
  }
}

extension Store {
  /// The full ID of a photo from the beginning of it.
  ///
  /// - Throws: `DatasetError` if there is no such photo or more than one; `StoreError`.
  public func trainingPhotoID(_ text: String) throws -> String {
    let ids = try trainingPhotoIDs(beginningWith: text.lowercased())
    guard let id = ids.first else { throw DatasetError(.missing, "the training collection has no photo \(text)") }
    guard ids.count == 1, text.count >= 4 else {
      throw DatasetError(.missing, "“\(text)” is the beginning of more than one photo's ID; write more of it")
    }
    return id
  }
}
