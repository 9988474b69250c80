import Foundation
import Formats
public import Store
import Values
public import Vision

/// Exports the training collection to a folder that an import or a training can read.
///
/// ```swift
/// let report = try DatasetExport(store, to: "export").run()
/// print("\(report.photos) photos, \(report.problems.count) problems")
/// ```
public struct DatasetExport {
  /// The result of an export.
  public struct Report: Sendable {
    /// The number of photos in the folder.
    public internal(set) var photos = 0
    /// The number of photos of an earlier export that were removed, because they left the collection or changed their
    /// label.
    public internal(set) var removed = 0
    /// Photos that could not be written, by id and reason.
    public internal(set) var problems: [FileProblem] = []
  }

  /// The columns of `labels.csv`.
  public static let columns = ["file", "class", "source", "split", "consent", "name"]

  /// The file that marks a folder as an export.
  private static let marker = ".rollcall-export"

  private let store: Store
  private let folder: URL

  /// Prepares an export to a folder, which is created if it does not exist.
  ///
  /// - Throws: `DatasetError` if the folder contains anything other than an earlier export.
  public init(_ store: Store, to folder: String) throws(DatasetError) {
    self.store = store
    self.folder = URL(fileURLWithPath: folder, isDirectory: true)
    let marker = self.folder.appendingPathComponent(DatasetExport.marker)
    do {
      try FileManager.default.createDirectory(
        at: self.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      guard names.isEmpty || names.contains(DatasetExport.marker) else {
        throw DatasetError("\(folder) is not empty and no earlier export; name another folder")
      }
      try Data("Photos and labels written by rollcall dataset export.\n".utf8).write(to: marker)
    } catch let error as DatasetError {
      throw error
    } catch {
      throw DatasetError("\(folder) cannot be written: \(error.localizedDescription)")
    }
  }

  /// Writes the photos, each with its corrected label, and `labels.csv`.
  ///
  /// The list is written last, so that an incomplete export has none. A photo lies in the folder of its class under its
  /// SHA-256. The same collection gives the same bytes.
  ///
  /// - Parameter progress: Called after each photo.
  /// - Throws: `StoreError`, and the errors of writing files.
  public func run(progress: () -> Void = {}) throws -> Report {
    let files = FileManager.default
    let list = folder.appendingPathComponent(ImportPlan.listName)
    let partial = folder.appendingPathComponent(".\(ImportPlan.listName).part")
    if files.fileExists(atPath: list.path) { try files.removeItem(at: list) }
    guard files.createFile(atPath: partial.path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
      throw DatasetError("\(partial.path) cannot be written")
    }
    let rows = try FileHandle(forWritingTo: partial)
    defer { try? rows.close() }
    try rows.write(contentsOf: Data(CSV.encode(row: Self.columns).utf8))

    for label in MaskLabel.classes {
      try files.createDirectory(
        at: folder.appendingPathComponent(label.rawValue), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
    var report = Report()
    var written: Set<String> = []
    try store.forEachTrainingPhoto { photo in
      defer { progress() }
      let name = "\(photo.current.rawValue)/\(photo.id).\(photo.kind.rawValue)"
      if let reason = try write(photo, as: name) {
        report.problems.append(FileProblem(file: photo.id, code: DatasetError.Code.missing.rawValue, reason: reason))
        return
      }
      report.photos += 1
      written.insert(name)
      let cells = [
        name, photo.current.rawValue, photo.source, photo.split.rawValue, photo.consent.text, photo.name ?? "",
      ]
      try rows.write(contentsOf: Data(CSV.encode(row: cells).utf8))
    }
    report.removed = try removePhotos(except: written)
    try rows.synchronize()
    try files.moveItem(at: partial, to: list)
    return report
  }

  /// Writes a photo unless the folder has it already.
  ///
  /// - Returns: The reason if it cannot be written; otherwise nil.
  private func write(_ photo: TrainingPhoto, as name: String) throws -> String? {
    let file = folder.appendingPathComponent(name)
    let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
    if size == photo.bytes { return nil }
    guard let data = try store.trainingPhotoData(id: photo.id) else {
      return "its bytes are not in the database, because an import was stopped; import it again"
    }
    guard Digest.sha256(data) == photo.id else { return "its bytes in the database are damaged; restore a backup" }
    try data.write(to: file, options: .atomic)
    return nil
  }

  /// Removes exported photos that are not in `written`. Other files stay.
  private func removePhotos(except written: Set<String>) throws -> Int {
    var removed = 0
    for label in MaskLabel.classes.map(\.rawValue) {
      for file in try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(label).path) {
        let name = "\(label)/\(file)"
        guard !written.contains(name), Self.isExported(file) else { continue }
        try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        removed += 1
      }
    }
    return removed
  }

  private static func isExported(_ file: String) -> Bool {
    let parts = file.split(separator: ".")
    return parts.count == 2 && parts[0].utf8.count == 64 && parts[0].allSatisfy(\.isHexDigit)
      && TrainingPhoto.Kind(rawValue: String(parts[1])) != nil
  }
}
