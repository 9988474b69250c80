import Enroll
import Foundation
import Formats
import Store

/// Which photos are to be imported with what labels: read before the first photo is opened, so that mistakes in it cost nothing.
public struct ImportPlan: Sendable {
  /// One photo.
  public struct Item: Sendable, Equatable {
    /// The path.
    public var file: String
    /// What covers mouth and nose.
    public var label: TrainingPhoto.Label
    /// Where the photo comes from.
    public var source: String
    /// What the photo is for; nil leaves it to the import.
    public var split: TrainingPhoto.Split?
    /// What the person agreed to.
    public var consent: String
    /// Who is to be seen, if known.
    public var name: String?

    /// A photo with its label.
    public init(
      file: String, label: TrainingPhoto.Label, source: String, split: TrainingPhoto.Split? = nil, consent: String,
      name: String? = nil
    ) {
      self.file = file
      self.label = label
      self.source = source
      self.split = split
      self.consent = consent
      self.name = name
    }
  }

  /// The list of labels in a folder.
  public static let listName = "labels.csv"

  /// The photos, in order.
  public var items: [Item]
  /// What stands in the way of single photos; the rest goes on.
  public var problems: [Problem]

  /// A plan.
  public init(items: [Item], problems: [Problem] = []) {
    self.items = items
    self.problems = problems
  }

  /// Reads a folder: one with a `labels.csv` with the columns `file` and `class` (and, where known, `source`, `split`, `consent` and `name`), or
  /// one with a folder of photos for each class.
  ///
  /// - Parameters:
  ///   - source: Where photos come from for which the list does not say it; nil takes the folder's name.
  ///   - consent: What was agreed to for photos for which the list does not say it.
  /// - Throws: `DatasetError` when there is neither a list nor a folder of a class, or no consent for any photo.
  public init(folder: String, source: String? = nil, consent: String? = nil) throws(DatasetError) {
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    let defaults = Defaults(source: source ?? url.standardizedFileURL.lastPathComponent, consent: consent)
    let list = url.appendingPathComponent(ImportPlan.listName).path
    if FileManager.default.fileExists(atPath: list) {
      try self.init(list: list, folder: url.path, defaults)
    } else {
      try self.init(classFolders: url.path, defaults)
    }
  }

  /// What holds where the list says nothing.
  fileprivate struct Defaults {
    let source: String
    let consent: String?
  }

  private init(list: String, folder: String, _ defaults: Defaults) throws(DatasetError) {
    let table: CSV.Table
    do {
      table = try CSV.Table(parsing: String(contentsOfFile: list, encoding: .utf8), requiring: ["file", "class"])
    } catch let error as CSV.Failure {
      throw DatasetError("\(list): \(error)")
    } catch {
      throw DatasetError("\(list) cannot be read as text in UTF-8")
    }
    guard defaults.consent != nil || table.header.contains(where: { $0.lowercased() == "consent" }) else {
      throw DatasetError(.noConsent)
    }
    self.init(items: [])
    for row in table.rows {
      guard let file = row["file"] else {
        problems.append(Problem(file: "\(list), line \(row.line)", code: "no-file", reason: "the cell “file” is empty"))
        continue
      }
      do throws(DatasetError) {
        items.append(try Item(row, file: file.hasPrefix("/") ? file : folder + "/" + file, defaults))
      } catch {
        problems.append(Problem(file: file, code: error.code.rawValue, reason: error.description))
      }
    }
  }

  private init(classFolders folder: String, _ defaults: Defaults) throws(DatasetError) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw DatasetError("\(folder) cannot be read: \(error.localizedDescription)")
    }
    guard names.contains(where: { TrainingPhoto.Label(word: $0) != nil }) else {
      throw DatasetError(
        "\(folder) holds neither \(ImportPlan.listName) nor a folder named mask, incorrect, covering or none (or no_mask)"
      )
    }
    guard let consent = defaults.consent else { throw DatasetError(.noConsent) }
    self.init(items: [])
    for name in names {
      var finder = PhotoFinder(inside: folder)
      finder.add(folder + "/" + name)
      problems += finder.problems
      guard let label = TrainingPhoto.Label(word: name) else {
        problems += finder.files.filter(PhotoFinder.promisesPhoto).map {
          Problem(file: $0, code: DatasetError.Code.noClass.rawValue, reason: "lies outside the classes' folders")
        }
        continue
      }
      items += finder.files.map { Item(file: $0, label: label, source: defaults.source, consent: consent) }
    }
  }
}

extension ImportPlan.Item {
  /// - Parameter file: The path to open.
  fileprivate init(_ row: CSV.Table.Row, file: String, _ defaults: ImportPlan.Defaults) throws(DatasetError) {
    guard let word = row["class"], let label = TrainingPhoto.Label(word: word) else {
      throw DatasetError(
        .noClass, "the class “\(row["class"] ?? "")” is none of mask, incorrect, covering, none (or no_mask)")
    }
    let split = try row["split"].map { (word) throws(DatasetError) in
      guard let split = TrainingPhoto.Split(rawValue: word.lowercased()) else {
        throw DatasetError(.noSplit, "the split “\(word)” is none of train, val, test")
      }
      return split
    }
    guard let consent = row["consent"].map(CSV.plain) ?? defaults.consent else { throw DatasetError(.noConsent) }
    self.init(
      file: file, label: label, source: row["source"].map(CSV.plain) ?? defaults.source, split: split, consent: consent,
      name: row["name"].map(CSV.plain))
  }
}

extension TrainingPhoto.Label {
  /// The label that a list or a folder's name means.
  public init?(word: String) {
    let word = word.lowercased()
    self.init(rawValue: word == "no_mask" ? "none" : word)
  }
}
