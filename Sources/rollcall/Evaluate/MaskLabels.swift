import Foundation
import Formats
import Terminal
import Values
import Vision

/// A file of labelled faces. It has the columns file and class, optionally x, y, w and h for boxes, and any others.
struct MaskLabels {
  /// One labelled face.
  struct Row {
    /// The path of the photo in the file, relative to the root.
    let file: String
    let truth: MaskLabel
    /// The box of the face in pixels; nil means the main face.
    let box: Rect?
    /// The value that results are compared by.
    let group: String?
  }

  /// The rows, in the order of the file.
  private(set) var rows: [Row] = []
  /// The number of rows that could not be read. Each is reported on standard error.
  private(set) var badRows = 0
  /// The column that results are compared by; nil if the file has no such column.
  let column: String?

  /// Reads the file.
  ///
  /// - Parameters:
  ///   - split: Keeps only the rows with this value in the column “split”.
  ///   - grouping: The column to compare by; nil takes “source” if there is one.
  /// - Throws: `Complaint` for a file without labels, and for a split or a column that the file does not have.
  init(_ path: String, split: String?, grouping: String?) throws {
    var failures: [CSV.Failure] = []
    let table = try Evaluate.table(path, requiring: ["file", "class"]) { failures.append($0) }
    let names = table.header.map { $0.lowercased() }
    if let grouping, !names.contains(grouping.lowercased()) {
      throw Complaint("\(path) has no column “\(grouping)”; it has \(table.header.joined(separator: ", "))")
    }
    column = grouping ?? (names.contains("source") ? "source" : nil)
    if split != nil, !names.contains("split") {
      throw Complaint("\(path) has no column “split”; leave --split out, or add the column")
    }
    let wanted = table.rows.filter { split == nil || $0["split"] == split }
    for row in wanted {
      do throws(CSV.Failure) {
        rows.append(
          Row(
            file: try row.require("file"), truth: try Self.label(row), box: try Self.box(row),
            group: column.flatMap { row[$0] }))
      } catch {
        failures.append(error)
      }
    }
    badRows = failures.count
    for failure in failures.sorted(by: { $0.line < $1.line }) { Diagnostics.error("\(path): \(failure)") }
    guard !rows.isEmpty else {
      let splits = Set(table.rows.compactMap { $0["split"] }).sorted().joined(separator: ", ")
      throw Complaint(
        split != nil && wanted.isEmpty
          ? "\(path) has no row of the split “\(split ?? "")”; there are: \(splits)"
          : "\(path) has no row that can be read")
    }
  }

  private static func label(_ row: CSV.Table.Row) throws(CSV.Failure) -> MaskLabel {
    let word = try row.require("class")
    // Label files use both words.
    guard let label = word == "no_mask" ? MaskLabel.none : MaskLabel(className: word) else {
      let words = MaskLabel.classes.map(\.rawValue).joined(separator: ", ")
      throw CSV.Failure(line: row.line, "“\(word)” is no class; there are \(words)")
    }
    return label
  }

  private static func box(_ row: CSV.Table.Row) throws(CSV.Failure) -> Rect? {
    let cells = ["x", "y", "w", "h"].map { row[$0] }
    if cells.allSatisfy({ $0 == nil }) { return nil }
    let numbers = cells.compactMap { $0.flatMap(Double.init) }.filter(\.isFinite)
    guard numbers.count == 4, numbers[2] > 0, numbers[3] > 0 else {
      throw CSV.Failure(line: row.line, "x, y, w and h are no box; write four numbers, the last two above 0, or none")
    }
    return Rect(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }
}
