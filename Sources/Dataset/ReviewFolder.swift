import Foundation
import Formats
public import Store
import Values
import Vision

/// Writes disagreements to a folder for review by a person: the photos, contact sheets, and a list to fill in.
public struct ReviewFolder {
  /// The name of the list. The reviewer fills in its column `correct`.
  public static let listName = "review.csv"

  private static let columns =
    ["id", "label", "likeliest"] + MaskLabel.classes.map(\.rawValue) + [
      "source", "split", "picture", "correct", "reason",
    ]
  /// The size of a cell of a sheet and of its picture, in pixels. The rest of the height is for the text above the
  /// picture.
  private static let cell = (width: 200, height: 248, picture: 192)
  private static let grid = (columns: 6, rows: 5)
  private static let background: (red: UInt8, green: UInt8, blue: UInt8) = (32, 32, 32)

  private let folder: URL

  /// Prepares the folder.
  ///
  /// - Throws: `DatasetError` if the folder is not empty, because it may contain a list that a person is filling in.
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

  /// Writes the photos, the sheets and the list, in the order of the disagreements.
  ///
  /// - Throws: `StoreError`, `VisionError`, and the errors of writing files.
  public func write(_ disagreements: [Disagreement], from store: Store) throws {
    var list = CSV.encode(row: Self.columns)
    let perSheet = Self.grid.columns * Self.grid.rows
    for (sheet, start) in stride(from: 0, to: disagreements.count, by: perSheet).enumerated() {
      var cells: [(image: Image, x: Int, y: Int)] = []
      for (place, item) in disagreements[start..<min(start + perSheet, disagreements.count)].enumerated() {
        let number = start + place + 1
        let name = "\(number)-\(item.photo.id.prefix(12)).\(item.photo.kind.rawValue)"
        guard let data = try store.trainingPhotoData(id: item.photo.id) else { continue }
        try data.write(to: folder.appendingPathComponent(name), options: .atomic)
        list += row(item, picture: name)
        let (column, line) = (cells.count % Self.grid.columns, cells.count / Self.grid.columns)
        let cell = try cell(item, number: number, Photo(decoding: data).image)
        cells.append((cell, column * Self.cell.width, line * Self.cell.height))
      }
      let lines = (cells.count + Self.grid.columns - 1) / Self.grid.columns
      guard lines > 0 else { continue }
      try Image.composed(
        width: Self.grid.columns * Self.cell.width, height: lines * Self.cell.height, background: Self.background, cells
      ).encoded(as: .jpeg).write(to: folder.appendingPathComponent("sheet-\(sheet + 1).jpg"))
    }
    try Data(list.utf8).write(to: folder.appendingPathComponent(Self.listName), options: .atomic)
  }

  /// A small copy of a photo below a text with its number, its label and the classifier's label.
  ///
  /// The text is drawn on the cell, because on a sheet it would be as large as the sheet allows.
  private func cell(_ item: Disagreement, number: Int, _ image: Image) throws(VisionError) -> Image {
    let scale = Double(Self.cell.picture) / Double(max(image.width, image.height))
    let small = try image.resized(
      width: max(1, Int(Double(image.width) * scale)), height: max(1, Int(Double(image.height) * scale)))
    let (x, y) = ((Self.cell.width - small.width) / 2, Self.cell.height - 4 - small.height)
    let likeliest = item.status.likeliest
    let label = Label(
      box: Rect(x: Double(x), y: Double(y), width: Double(small.width), height: Double(small.height)),
      color: Label.Color(red: 0.95, green: 0.6, blue: 0.1), title: "\(number): \(item.photo.current.rawValue)",
      subtitle: "\(likeliest.rawValue)? \(min(99, Int(item.status[likeliest] * 100))) %")
    return try Image.composed(
      width: Self.cell.width, height: Self.cell.height, background: Self.background, [(small, x, y)]
    ).annotated([label])
  }

  private func row(_ item: Disagreement, picture: String) -> String {
    let probabilities = MaskLabel.classes.map { String(format: "%.4f", item.status[$0]) }
    return CSV.encode(
      row: [item.photo.id, item.photo.current.rawValue, item.status.likeliest.rawValue] + probabilities
        + [item.photo.source, item.photo.split.rawValue, picture, "", ""])
  }
}
