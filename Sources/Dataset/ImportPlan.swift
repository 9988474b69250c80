import Foundation
import Formats
public import Store
public import Values
public import Vision

/// The photos of an import with their labels.
///
/// It is read completely before the first photo is opened, so that mistakes in it are reported early.
public struct ImportPlan: Sendable {
  /// One photo of the plan.
  public struct Item: Sendable, Equatable {
    /// The path of the photo.
    public var file: String
    /// What covers mouth and nose.
    public var label: MaskLabel
    /// The source of the photo.
    public var source: String
    /// The split of the photo; nil lets the import choose it.
    public var split: TrainingPhoto.Split?
    /// The consent of the person.
    public var consent: String
    /// The name of the person, if known.
    public var name: String?

    /// A photo with its label.
    public init(
      file: String, label: MaskLabel, source: String, split: TrainingPhoto.Split? = nil, consent: String,
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

  /// The name of the list of labels in a folder.
  public static let listName = "labels.csv"

  /// The photos, in order.
  public var items: [Item]
  /// The photos that cannot be imported. The other photos are imported.
  public var problems: [FileProblem]

  /// Creates a plan.
  public init(items: [Item], problems: [FileProblem] = []) {
    self.items = items
    self.problems = problems
  }

  /// Reads a folder with a `labels.csv`, or with one folder of photos for each class.
  ///
  /// The list has the columns `file` and `class`, and optionally `source`, `split`, `consent` and `name`.
  ///
  /// - Parameters:
  ///   - source: The source of photos for which the list has none; nil takes the name of the folder.
  ///   - consent: The consent for photos for which the list has none.
  /// - Throws: `DatasetError` if there is neither a list nor a folder of a class, or no consent for any photo.
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

  /// The values for photos for which the list has none.
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
        problems.append(
          FileProblem(file: "\(list), line \(row.line)", code: "no-file", reason: "the cell “file” is empty"))
        continue
      }
      do throws(DatasetError) {
        items.append(try Item(row, file: file.hasPrefix("/") ? file : folder + "/" + file, defaults))
      } catch {
        problems.append(FileProblem(file: file, code: error.code.rawValue, reason: error.description))
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
    guard names.contains(where: { MaskLabel(word: $0) != nil }) else {
      throw DatasetError(
        "\(folder) holds neither \(ImportPlan.listName) nor a folder named mask, incorrect, covering or none (or "
          + "no_mask)"
      )
    }
    guard let consent = defaults.consent else { throw DatasetError(.noConsent) }
    self.init(items: [])
    for name in names {
      var finder = PhotoFinder(inside: folder)
      finder.add(folder + "/" + name)
      problems += finder.problems
      guard let label = MaskLabel(word: name) else {
        problems += finder.files.filter(PhotoFinder.promisesPhoto).map {
          FileProblem(file: $0, code: DatasetError.Code.noClass.rawValue, reason: "lies outside the classes' folders")
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
    guard let word = row["class"], let label = MaskLabel(word: word) else {
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

extension MaskLabel {
  /// The label for a word in a list or a folder name; nil if the word is no label.
  public init?(word: String) {
    let word = word.lowercased()
    self.init(className: word == "no_mask" ? "none" : word)
  }
}
