/// A table of text, for people.
///
/// ```swift
/// var table = TextTable([.init("Name"), .init("Hours", .right)])
/// table.add(["Ada", "7.5"])
/// print(table.text(), terminator: "")
/// ```
///
/// Control characters in cells are escaped as by `displayable(_:)`. Columns are aligned by the width of their
/// characters on a terminal.
public struct TextTable: Sendable {
  /// The side of a column on which its cells stand.
  public enum Alignment: Sendable {
    case left
    /// For numbers.
    case right
  }

  /// A column with its heading.
  public struct Column: Sendable {
    let title: String
    let alignment: Alignment
    let isWhole: Bool

    /// A column with a heading and an alignment.
    ///
    /// - Parameter isWhole: Whether cells are never shortened, because people copy them.
    public init(_ title: String, _ alignment: Alignment = .left, isWhole: Bool = false) {
      self.title = title
      self.alignment = alignment
      self.isWhole = isWhole
    }
  }

  private static let gap = 2
  /// The narrowest width to which columns are shortened.
  private static let narrowest = 6

  private let columns: [Column]
  private var rows: [[String]] = []

  /// An empty table.
  public init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Appends a row. Missing cells are empty; cells past the last column are dropped.
  public mutating func add(_ cells: [String]) {
    let filled = cells + Array(repeating: "", count: max(0, columns.count - cells.count))
    rows.append(filled.prefix(columns.count).map(displayable))
  }

  /// The headings and rows, each with a line end.
  ///
  /// - Parameters:
  ///   - width: The available columns. The widest texts are shortened to fit; nil shortens nothing.
  ///   - style: Makes the headings bold.
  public func text(width: Int? = nil, style: Style = .plain) -> String {
    let titles = columns.map(\.title)
    var widths = columns.indices.map { index in
      max(titles[index].columns, rows.map { $0[index].columns }.max() ?? 0)
    }
    if let width { shrink(&widths, to: width - Self.gap * (columns.count - 1)) }
    return ([titles] + rows).enumerated().map { number, cells in
      let line = zip(zip(cells, widths), columns).map { cell, column in
        cell.0.shortened(to: cell.1).padded(to: cell.1, right: column.alignment == .right)
      }.joined(separator: String(repeating: " ", count: Self.gap))
      let bare = String(line.reversed().drop { $0 == " " }.reversed())
      return (number == 0 ? style.apply(.bold, to: bare) : bare) + "\n"
    }.joined()
  }

  private func shrink(_ widths: inout [Int], to total: Int) {
    while widths.reduce(0, +) > total {
      // Numbers are not shortened, because part of a number is a wrong number.
      let candidates = columns.indices.filter {
        columns[$0].alignment == .left && !columns[$0].isWhole && widths[$0] > Self.narrowest
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }
}
