import Foundation
import Formats
import Store
import Values

extension AttendanceLog {
  /// How an export is written as text.
  public enum TextFormat: String, Sendable, CaseIterable {
    /// RFC 4180 with a header row, in UTF-8; cells that a spreadsheet would run as a formula are made text.
    case csv
    /// One JSON object a line, in UTF-8.
    case jsonl
  }

  /// What an export holds.
  public struct Exported: Sendable, Equatable {
    /// Number of rows, the header not counted.
    public internal(set) var rows = 0
    /// Ways in without a way out, and the reverse, in the layouts for other programs. Odoo has no place for a way out
    /// alone: that one is left out.
    public internal(set) var incomplete = 0
  }

  /// Writes the log as text. Times are ISO 8601 with the offset of the time zone, in the layouts for other programs
  /// what those take; groups stand in one CSV cell, parted by "; ". Unknown and forgotten people have empty cells, or
  /// null in JSON, for id and name.
  ///
  /// - Parameter write: takes the text row by row, line ends included.
  /// - Throws: as `forEachEntry`, and what `write` throws.
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

  /// Writes the log as a spreadsheet. Times are those that clocks in the time zone show; Odoo's are UTC.
  ///
  /// - Parameter path: a file that is there already is written over, and keeps its permissions.
  /// - Throws: as `forEachEntry`, and `Spreadsheet.Failure`.
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

  /// Calls `body` with the texts of one row after the other, not quoted.
  ///
  /// - Throws: as `forEachEntry`, and what `body` throws.
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
