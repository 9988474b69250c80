import Foundation
import Formats
import Store

extension AttendanceLog {
  /// What a row of an export is.
  public enum Layout: String, Sendable, CaseIterable {
    /// One sighting.
    case events
    /// One known person on one day.
    case daily

    /// Names of the CSV columns in their order, which never changes; new ones are added at the end.
    public var columns: [String] {
      switch self {
      case .events: ["time", "id", "name", "groups", "camera", "file", "status", "method", "confidence", "mask"]
      case .daily: ["date", "id", "name", "groups", "first_in", "last_out", "sightings", "mask_share"]
      }
    }
  }

  /// How an export is written.
  public enum Format: String, Sendable, CaseIterable {
    /// RFC 4180 with a header row, in UTF-8; cells that a spreadsheet would run as a formula are made text.
    case csv
    /// One JSON object a line, in UTF-8.
    case jsonl
  }

  /// Writes the log. Times are ISO 8601 with the offset of the time zone; groups stand in one CSV cell, parted by
  /// "; ". Unknown and forgotten people have empty cells, or null in JSON, for id and name.
  ///
  /// - Parameter write: takes the text row by row, line ends included.
  /// - Returns: number of rows, the header not counted.
  /// - Throws: as `forEachEvent`, and what `write` throws.
  public func export(
    _ query: Query = Query(), layout: Layout, format: Format, to write: (String) throws -> Void
  ) throws -> Int {
    var rows = 0
    if format == .csv { try write(CSV.encode(row: layout.columns)) }
    switch layout {
    case .events:
      try forEachEvent(query) { event in
        try write(format == .csv ? CSV.encode(row: cells(event)) : json(event).text() + "\n")
        rows += 1
      }
    case .daily:
      try forEachDay(query) { day in
        try write(format == .csv ? CSV.encode(row: cells(day)) : json(day).text() + "\n")
        rows += 1
      }
    }
    return rows
  }

  private func cells(_ event: Event) -> [String] {
    let sighting = event.sighting
    var camera = ""
    var file = ""
    switch sighting.source {
    case .camera(let name): camera = name
    case .file(let path): file = path
    }
    return [
      Timestamp.string(from: sighting.time, in: timeZone), sighting.personID ?? "", event.name ?? "",
      event.groups.joined(separator: "; "), camera, file, sighting.status.rawValue, sighting.method?.rawValue ?? "",
      rounded(sighting.confidence).map { String($0) } ?? "", sighting.mask?.rawValue ?? "",
    ]
  }

  private func cells(_ day: Day) -> [String] {
    [
      day.date, day.personID, day.name, day.groups.joined(separator: "; "),
      Timestamp.string(from: day.firstIn, in: timeZone), Timestamp.string(from: day.lastOut, in: timeZone),
      String(day.sightings), rounded(day.maskShare).map { String($0) } ?? "",
    ]
  }

  private func json(_ event: Event) -> JSONValue {
    let sighting = event.sighting
    let source =
      switch sighting.source {
      case .camera(let name): JSONValue.Member("camera", .string(name))
      case .file(let path): JSONValue.Member("file", .string(path))
      }
    return .object([
      .init("time", .string(Timestamp.string(from: sighting.time, in: timeZone))),
      .init("id", .optional(sighting.personID)),
      .init("name", .optional(event.name)),
      .init("groups", .array(event.groups.map(JSONValue.string))),
      source,
      .init("status", .string(sighting.status.rawValue)),
      .init("method", .optional(sighting.method?.rawValue)),
      .init("confidence", .optional(rounded(sighting.confidence))),
      .init("mask", .optional(sighting.mask?.rawValue)),
    ])
  }

  private func json(_ day: Day) -> JSONValue {
    .object([
      .init("date", .string(day.date)),
      .init("id", .string(day.personID)),
      .init("name", .string(day.name)),
      .init("groups", .array(day.groups.map(JSONValue.string))),
      .init("first_in", .string(Timestamp.string(from: day.firstIn, in: timeZone))),
      .init("last_out", .string(Timestamp.string(from: day.lastOut, in: timeZone))),
      .init("sightings", .int(day.sightings)),
      .init("mask_share", .optional(rounded(day.maskShare))),
    ])
  }

  /// To four digits behind the point: more would only look exact.
  private func rounded(_ share: Double?) -> Double? {
    share.map { ($0 * 10_000).rounded() / 10_000 }
  }
}
