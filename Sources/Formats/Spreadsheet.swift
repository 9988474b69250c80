internal import CXlsxWriter
public import FoundationEssentials

/// A spreadsheet file in the format of Excel (XLSX): one sheet, with a header that stays visible and filters rows.
///
/// ```swift
/// let sheet = try Spreadsheet(
///   path: "hours.xlsx", name: "Hours", columns: [.init("Name", width: 20), .init("Hours", width: 9)],
///   comment: "Hours of one day")
/// try sheet.add([.text("Ada"), .hours(7.5)])
/// try sheet.close()
/// ```
///
/// Rows are written to a temporary file when they are added, so memory does not grow with their number. A text stays a
/// text, even if it looks like a formula, a link or a number.
public final class Spreadsheet {
  /// The content of a cell.
  public enum Cell: Sendable, Equatable {
    case empty
    /// At most 32,767 UTF-16 units; the rest is cut off.
    case text(String)
    case number(Double)
    /// A moment as local time of a zone, because spreadsheets have no time zones.
    case time(Date, TimeZone)
    /// A day, as in `2026-11-21`.
    case day(String)
    /// Any number of hours, shown as hours and minutes.
    case hours(Double)
  }

  /// A column of a spreadsheet.
  public struct Column: Sendable, Equatable {
    /// The title in the header.
    public let title: String
    /// The width: about the number of digits that fit.
    public let width: Double

    /// A column with a title and a width in digits.
    public init(_ title: String, width: Double) {
      self.title = title
      self.width = width
    }
  }

  /// An error when a spreadsheet is written.
  public enum Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// More rows than a sheet holds.
    case tooManyRows
    /// The file could not be written, for the reason that the library gives.
    case writing(String)

    /// What is wrong and what to do about it.
    public var description: String {
      switch self {
      case .tooManyRows:
        "a sheet holds \(Spreadsheet.maximumRows) rows and no more; take fewer days, or write CSV, which has no limit"
      case .writing(let reason): "the spreadsheet could not be written: \(reason)"
      }
    }
  }

  /// The most rows that a sheet holds below its header.
  public static let maximumRows = 1_048_575

  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let formats: (time: Format, day: Format, hours: Format)
  private let columns: Int
  /// The workbook; nil once it is closed.
  private var workbook: UnsafeMutablePointer<lxw_workbook>?
  private var rows: UInt32 = 0

  private typealias Format = UnsafeMutablePointer<lxw_format>

  /// Begins a file. It is complete once it is closed.
  ///
  /// - Parameters:
  ///   - path: The file to write. An existing file is overwritten and keeps its permissions.
  ///   - name: The name of the sheet: 1–31 characters without `[]:*?/\`.
  ///   - comment: The comment in the file's properties.
  /// - Throws: `Failure`.
  public init(path: String, name: String, columns: [Column], comment: String) throws(Failure) {
    var options = lxw_workbook_options(constant_memory: 1, tmpdir: nil, use_zip64: 1)
    guard let workbook = workbook_new_opt(path, &options) else { throw .writing("not enough memory") }
    guard let sheet = workbook_add_worksheet(workbook, name),
      let header = workbook_add_format(workbook), let time = workbook_add_format(workbook),
      let day = workbook_add_format(workbook), let hours = workbook_add_format(workbook)
    else {
      lxw_workbook_free(workbook)
      throw .writing("no sheet “\(name)” can be made")
    }
    format_set_bold(header)
    format_set_bottom(header, UInt8(LXW_BORDER_THIN.rawValue))
    format_set_num_format(time, "yyyy-mm-dd hh:mm:ss")
    format_set_num_format(day, "yyyy-mm-dd")
    format_set_num_format(hours, "[h]:mm")
    self.workbook = workbook
    self.sheet = sheet
    self.columns = columns.count
    formats = (time, day, hours)
    for (index, column) in columns.enumerated() {
      let index = UInt16(index)
      try Self.check(worksheet_set_column(sheet, index, index, column.width, nil))
      try Self.check(worksheet_write_string(sheet, 0, index, column.title, header))
    }
    worksheet_freeze_panes(sheet, 1, 0)
    let code = comment.withCString { text in
      var properties = lxw_doc_properties()
      properties.comments = UnsafeMutablePointer(mutating: text)
      return workbook_set_properties(workbook, &properties)
    }
    try Self.check(code)
  }

  deinit {
    if let workbook { lxw_workbook_free(workbook) }
  }

  /// Appends a row.
  ///
  /// - Requires: The spreadsheet is not closed.
  /// - Throws: `Failure`.
  public func add(_ cells: [Cell]) throws(Failure) {
    precondition(workbook != nil, "the spreadsheet is closed")
    guard rows < Self.maximumRows else { throw .tooManyRows }
    rows += 1
    for (index, cell) in cells.enumerated() { try write(cell, UInt16(index)) }
  }

  private func write(_ cell: Cell, _ column: UInt16) throws(Failure) {
    switch cell {
    case .empty: return
    case .text(let text): try Self.check(worksheet_write_string(sheet, rows, column, Self.plain(text), nil))
    case .number(let number): try write(number, column, nil)
    case .time(let date, let zone): try write(Self.serial(date, zone), column, formats.time)
    case .day(let text):
      // A text that is not a day stays a text.
      guard let day = try? Timestamp.parseDay(text, in: .gmt) else { return try write(.text(text), column) }
      try write(Self.serial(day, .gmt), column, formats.day)
    case .hours(let hours): try write(hours / 24, column, formats.hours)
    }
  }

  private func write(_ number: Double, _ column: UInt16, _ format: Format?) throws(Failure) {
    try Self.check(worksheet_write_number(sheet, rows, column, number, format))
  }

  /// Completes the file. Nothing can be added afterwards.
  ///
  /// - Throws: `Failure`, also if the disk is full.
  public func close() throws(Failure) {
    guard let workbook else { return }
    if columns > 0 { worksheet_autofilter(sheet, 0, 0, rows, UInt16(columns - 1)) }
    // The library frees the workbook, whether closing succeeds or fails.
    self.workbook = nil
    try Self.check(workbook_close(workbook))
  }

  /// The spreadsheet's number for a moment: days since 1899-12-30 in local time of the zone, to the millisecond.
  private static func serial(_ date: Date, _ zone: TimeZone) -> Double {
    let seconds = date.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: date))
    return (seconds * 1000).rounded() / 86_400_000 + 25_569
  }

  /// Prepares a text so that it reads back unchanged. Readers decode `_x0041_` as an escaped A, XML cannot hold some
  /// characters, and C cannot hold NUL.
  private static func plain(_ text: String) -> String {
    var units = Array(text.utf16.prefix(32_767))
    for index in units.indices where [0, 0xFFFE, 0xFFFF].contains(units[index]) { units[index] = 0xFFFD }
    if let last = units.last, UTF16.isLeadSurrogate(last) { units.removeLast() }
    let valid = String(decoding: units, as: UTF16.self)
    guard valid.contains("_x") else { return valid }
    return String(valid.replacing(#/_x(?=[0-9A-Fa-f]{4}_)/#, with: "_x005F_x").prefix(32_767))
  }

  private static func check(_ code: lxw_error) throws(Failure) {
    guard code != LXW_NO_ERROR else { return }
    throw .writing(lxw_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)")
  }
}
