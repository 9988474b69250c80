import Foundation
import Formats
import Store
import Values

extension AttendanceLog {
  /// The text format of an export.
  public enum TextFormat: String, Sendable, CaseIterable {
    /// CSV as in RFC 4180, with a header row, in UTF-8. Cells that a spreadsheet would run as a formula are turned into
    /// text.
    case csv
    /// One JSON object per line, in UTF-8.
    case jsonl
  }

  /// The counts of an export.
  public struct Exported: Sendable, Equatable {
    /// The number of rows, without the header.
    public internal(set) var rows = 0
    /// The number of ways in without a way out, and of ways out without a way in, in the layouts for other programs.
    /// Odoo has no place for a way out alone, so it is left out.
    public internal(set) var incomplete = 0
  }

  /// Writes the log as text.
  ///
  /// Times are ISO 8601 with the offset of the time zone. The layouts for other programs use the format that the
  /// program accepts. Groups share one CSV cell, separated by "; ". For unknown and forgotten people, ID and name are
  /// empty cells, or null in JSON.
  ///
  /// - Parameter write: Receives the text row by row, line ends included.
  /// - Throws: As `forEachEntry`, and the errors of `write`.
  public func export(
    _ query: Query = Query(), layout: Layout, format: TextFormat, to write: (String) throws -> Void
  ) throws -> Exported {
    switch format {
    case .csv:
      try write(CSV.encode(row: layout.columns))
      return try forEachTextRow(query, layout: layout) { try write(CSV.encode(row: $0)) }
    case .jsonl:
      return try forEachRow(query, layout) { cells in
        let members = zip(layout.columns, cells).compactMap { name, cell in
          cell.json(in: timeZone).map { JSONValue.Member(name, $0) }
        }
        try write(JSONValue.object(members).text() + "\n")
      }
    }
  }

  /// Writes the log as a spreadsheet. Times are local times of the time zone; for Odoo they are UTC.
  ///
  /// - Parameter path: The file to write. An existing file is overwritten and keeps its permissions.
  /// - Throws: As `forEachEntry`, and `Spreadsheet.Failure`.
  public func exportSpreadsheet(_ query: Query = Query(), layout: Layout, to path: String) throws -> Exported {
    let zone = layout == .odoo ? TimeZone.gmt : timeZone
    let sheet = try Spreadsheet(
      path: path, name: layout.rawValue,
      columns: layout.definition.map { Spreadsheet.Column($0.name, width: $0.width) },
      comment: "Rollcall attendance log. Times as clocks show them in \(zone.identifier).")
    let exported = try forEachRow(query, layout) { cells in
      try sheet.add(cells.map { $0.spreadsheet(in: timeZone) })
    }
    try sheet.close()
    return exported
  }

  /// Calls `body` with the cells of each row as text, without quoting.
  ///
  /// - Throws: As `forEachEntry`, and the errors of `body`.
  public func forEachTextRow(_ query: Query = Query(), layout: Layout, _ body: ([String]) throws -> Void) throws
    -> Exported
  {
    try forEachRow(query, layout) { try body($0.map { $0.text(in: timeZone) }) }
  }

  private func forEachRow(_ query: Query, _ layout: Layout, _ body: ([Cell]) throws -> Void) throws -> Exported {
    var exported = Exported()
    func add(_ cells: [Cell]) throws {
      try body(cells)
      exported.rows += 1
    }
    switch layout {
    case .events: try forEachEntry(query) { try add(cells($0)) }
    case .daily: try forEachDay(query) { try add(cells($0)) }
    case .frappe:
      try forEachDay(query) { day in
        for stay in day.stays {
          if stay.length == nil { exported.incomplete += 1 }
          for (passage, word) in [(stay.checkIn, "IN"), (stay.checkOut, "OUT")] {
            guard let passage else { continue }
            try add([
              .text(day.personID), .clock(passage.time, timeZone), Cell(passage.place, else: .missing), .text(word),
            ])
          }
        }
      }
    case .odoo:
      try forEachDay(query) { day in
        for stay in day.stays {
          if stay.length == nil { exported.incomplete += 1 }
          guard let checkIn = stay.checkIn else { continue }
          try add([
            .text(day.personID), .clock(checkIn.time, .gmt), stay.checkOut.map { .clock($0.time, .gmt) } ?? .missing,
          ])
        }
      }
    }
    return exported
  }

  private func cells(_ entry: Entry) -> [Cell] {
    let person: [Cell] = [
      .time(entry.time), Cell(entry.personID, else: .missing), Cell(entry.name, else: .missing), .texts(entry.groups),
    ]
    let tail: [Cell] = [
      Cell(entry.voiding?.by, else: .absent), Cell(entry.voiding?.reason, else: .absent), .text(entry.id),
    ]
    switch entry.record {
    case .event(let event):
      let source: [Cell] =
        switch event.source {
        case .camera(let name): [.text(name), .absent]
        case .file(let path): [.absent, .text(path)]
        }
      let face: [Cell] = [
        .text(event.status.rawValue), Cell(event.method?.rawValue, else: .missing),
        event.confidence.map(Cell.share) ?? .missing, Cell(event.mask?.rawValue, else: .missing),
        .text(event.kind.rawValue), .absent, .absent,
      ]
      return person + source + face + tail
    case .mark(let mark):
      let face: [Cell] = Array(repeating: .absent, count: 6)
      return person + face + [.text(mark.direction.rawValue), .text(mark.by), .text(mark.reason)] + tail
    }
  }

  private func cells(_ day: Day) -> [Cell] {
    [
      .day(day.date), .text(day.personID), .text(day.name), .texts(day.groups), Cell(day.firstIn), Cell(day.lastOut),
      .count(day.events), day.maskShare.map(Cell.share) ?? .missing, day.hours.map(Cell.hours) ?? .missing,
    ]
  }
}
