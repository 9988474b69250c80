import Enroll
import Foundation
import Formats
import Store

/// Labels that somebody set right, one by one or as a list.
public struct Corrections: Sendable {
  /// One photo and its right label.
  public struct Entry: Sendable, Equatable {
    /// The photo's whole id.
    public let id: String
    /// What was said.
    public let correction: TrainingPhoto.Correction
  }

  /// What is to be said of which photo.
  public private(set) var entries: [Entry] = []
  /// What in a list cannot be used; the rest can.
  public private(set) var problems: [Problem] = []

  /// No corrections yet.
  public init() {}

  /// Adds one.
  ///
  /// - Parameters:
  ///   - id: The photo's id, or enough of its beginning.
  /// - Throws: `DatasetError` when there is no such photo, or more than one; `StoreError`.
  public mutating func add(_ id: String, _ correction: TrainingPhoto.Correction, in store: Store) throws {
    entries.append(Entry(id: try store.trainingPhotoID(id), correction: correction))
  }

  /// Adds a list with the columns `id` and `correct`, and where wanted `reason`. Rows without a correct label are passed over; the label that a
  /// photo has already confirms it.
  ///
  /// - Parameters:
  ///   - reason: For rows that give none.
  /// - Throws: `DatasetError` when the list cannot be read; `StoreError`.
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
        guard let label = TrainingPhoto.Label(word: word) else {
          throw DatasetError(.noClass, "“\(word)” is none of mask, incorrect, covering, none (or no_mask)")
        }
        guard let reason = row["reason"].map(CSV.plain) ?? reason else {
          throw DatasetError(.invalidValue, "no reason: fill the column “reason”, or add --reason TEXT")
        }
        guard let id = row["id"] else { throw DatasetError(.missing, "the cell “id” is empty") }
        try add(id, TrainingPhoto.Correction(label: label, by: name, reason: reason), in: store)
      } catch let error as DatasetError {
        problems.append(
          Problem(file: "\(file), line \(row.line)", code: error.code.rawValue, reason: error.description))
      }
    }
  }

  /// Writes the corrections.
  ///
  /// - Returns: how many labels are others now; the rest were confirmed.
  /// - Throws: `StoreError`. What was written until then stays.
  public func apply(to store: Store) throws -> Int {
    var changed = 0
    for entry in entries {
      var before: TrainingPhoto.Label?
      try store.forEachTrainingPhoto(.init(ids: [entry.id])) { before = $0.current }
      try store.correctTrainingPhoto(id: entry.id, entry.correction)
      if before != entry.correction.label { changed += 1 }
    }
    return changed
  }
}

extension Store {
  /// The whole id of the photo that a shortened one means.
  ///
  /// - Throws: `DatasetError` when there is no such photo, or more than one; `StoreError`.
  public func trainingPhotoID(_ text: String) throws -> String {
    let ids = try trainingPhotoIDs(beginningWith: text.lowercased())
    guard let id = ids.first else { throw DatasetError(.missing, "the training collection has no photo \(text)") }
    guard ids.count == 1, text.count >= 4 else {
      throw DatasetError(.missing, "“\(text)” is the beginning of more than one photo's ID; write more of it")
    }
    return id
  }
}
