import Foundation
import Formats
import Mask
import Store
import Vision

/// Writes disagreements as a folder for somebody to look at: the photos, contact sheets, and a list to fill in.
public struct ReviewFolder {
  /// The list, whose column `correct` is to be filled in.
  public static let listName = "review.csv"

  private static let columns =
    ["id", "label", "likeliest"] + MaskLabel.allCases.map(\.rawValue) + [
      "source", "split", "picture", "correct", "reason",
    ]
  /// Pixels.
  private static let cell = (width: 200, height: 240, picture: 192)
  private static let grid = (columns: 6, rows: 5)

  private let folder: URL

  /// - Throws: `DatasetError` when the folder has something in it: it may be a list that somebody is filling in.
  public init(_ folder: String) throws(DatasetError) {
    self.folder = URL(fileURLWithPath: folder, isDirectory: true)
    do {
      try FileManager.default.createDirectory(
        at: self.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      guard try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty else {
        throw DatasetError("\(folder) is not empty; name another folder")
      }
    } catch let error as DatasetError {
      throw error
    } catch {
      throw DatasetError("\(folder) cannot be written: \(error.localizedDescription)")
    }
  }

  /// Writes everything, the most doubtful photo first.
  ///
  /// - Throws: `StoreError`, `VisionError`, and what writing files throws.
  public func write(_ disagreements: [Disagreement], from store: Store) throws {
    var list = CSV.encode(row: Self.columns)
    let perSheet = Self.grid.columns * Self.grid.rows
    for (sheet, start) in stride(from: 0, to: disagreements.count, by: perSheet).enumerated() {
      var cells: [(image: Image, x: Int, y: Int)] = []
      var labels: [Label] = []
      for (place, item) in disagreements[start..<min(start + perSheet, disagreements.count)].enumerated() {
        let name = "\(start + place + 1)-\(item.photo.id.prefix(12)).\(item.photo.kind.rawValue)"
        guard let data = try store.trainingPhotoData(id: item.photo.id) else { continue }
        try data.write(to: folder.appendingPathComponent(name), options: .atomic)
        list += row(item, picture: name)
        let (x, y) = (place % Self.grid.columns * Self.cell.width, place / Self.grid.columns * Self.cell.height)
        let image = try Photo(decoding: data).image
        let scale = Double(Self.cell.picture) / Double(max(image.width, image.height))
        let (width, height) = (Double(image.width) * scale, Double(image.height) * scale)
        let small = try image.resized(width: max(1, Int(width)), height: max(1, Int(height)))
        let corner = (x: x + (Self.cell.width - small.width) / 2, y: y + Self.cell.height - 4 - small.height)
        cells.append((small, corner.x, corner.y))
        labels.append(
          Label(
            box: Rect(
              x: Double(corner.x), y: Double(corner.y), width: Double(small.width), height: Double(small.height)),
            color: Label.Color(red: 0.95, green: 0.6, blue: 0.1),
            title: "\(start + place + 1): \(item.photo.current.rawValue)",
            subtitle: "\(item.status.likeliest.rawValue)? \(percent(item.status[item.status.likeliest]))"))
      }
      let rows = (cells.count + Self.grid.columns - 1) / Self.grid.columns
      guard rows > 0 else { continue }
      try Image.composed(
        width: Self.grid.columns * Self.cell.width, height: rows * Self.cell.height, background: (32, 32, 32), cells
      ).annotated(labels).encoded(as: .jpeg).write(to: folder.appendingPathComponent("sheet-\(sheet + 1).jpg"))
    }
    try Data(list.utf8).write(to: folder.appendingPathComponent(Self.listName), options: .atomic)
  }

  private func row(_ item: Disagreement, picture: String) -> String {
    let probabilities = MaskLabel.allCases.map { String(format: "%.4f", item.status[$0]) }
    return CSV.encode(
      row: [item.photo.id, item.photo.current.rawValue, item.status.likeliest.rawValue] + probabilities
        + [item.photo.source, item.photo.split.rawValue, picture, "", ""])
  }

  private func percent(_ share: Double) -> String { "\(min(99, Int(share * 100))) %" }
}
