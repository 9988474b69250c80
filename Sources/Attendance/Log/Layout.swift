import Foundation
import Formats

extension AttendanceLog {
  /// The layout of an export: what one row holds.
  public enum Layout: String, Sendable, CaseIterable {
    /// One event or mark.
    case events
    /// One known person on one day.
    case daily
    /// One way in or out, in the format of Frappe HR (`add_log_based_on_employee_field` of Employee Checkin).
    case frappe
    /// One way in with its way out, in the format of Odoo (`hr.attendance`).
    case odoo

    /// The names of the columns in order. The order never changes; new columns are added at the end.
    public var columns: [String] { definition.map(\.name) }

    /// The columns, with the widths that their contents need in a spreadsheet.
    var definition: [(name: String, width: Double)] {
      switch self {
      case .events:
        [
          ("time", 20), ("id", 14), ("name", 26), ("groups", 20), ("camera", 16), ("file", 24), ("status", 11),
          ("method", 11), ("confidence", 12), ("mask", 11), ("kind", 9), ("by", 18), ("reason", 30), ("voided_by", 18),
          ("void_reason", 30), ("event", 48),
        ]
      case .daily:
        [
          ("date", 12), ("id", 14), ("name", 26), ("groups", 20), ("first_in", 20), ("last_out", 20), ("sightings", 11),
          ("mask_share", 13), ("hours", 9),
        ]
      case .frappe: [("employee_field_value", 23), ("timestamp", 20), ("device_id", 20), ("log_type", 11)]
      case .odoo: [("employee_id", 14), ("check_in", 20), ("check_out", 20)]
      }
    }
  }

  /// The content of a cell, before it is written in a format.
  enum Cell {
    case text(String)
    case texts([String])
    case count(Int)
    /// 0 to 1.
    case share(Double)
    /// A moment, written with its offset in text formats.
    case time(Date)
    /// A moment as local time of a zone, to the second.
    case clock(Date, TimeZone)
    case day(String)
    case hours(Double)
    /// Unknown.
    case missing
    /// Known to have no value, so that JSON has no member for it.
    case absent

    init(_ text: String?, else other: Cell) {
      self = text.map(Cell.text) ?? other
    }

    init(_ time: Date?) {
      self = time.map(Cell.time) ?? .missing
    }
  }
}

extension AttendanceLog.Cell {
  /// The cell as text, without quoting.
  func text(in zone: TimeZone) -> String {
    switch self {
    case .text(let text), .day(let text): text
    case .texts(let texts): texts.joined(separator: "; ")
    case .count(let count): String(count)
    case .share(let number), .hours(let number): String(Self.rounded(number))
    case .time(let date): Timestamp.string(from: date, in: zone)
    case .clock(let date, let zone): Timestamp.clock(date, in: zone)
    case .missing, .absent: ""
    }
  }

  /// The cell as JSON; nil if it has no member there.
  func json(in zone: TimeZone) -> JSONValue? {
    switch self {
    case .texts(let texts): .array(texts.map(JSONValue.string))
    case .count(let count): .int(count)
    case .share(let number), .hours(let number): .double(Self.rounded(number))
    case .missing: .null
    case .absent: nil
    case .text, .time, .clock, .day: .string(text(in: zone))
    }
  }

  /// The cell for a spreadsheet, where times and numbers keep their type.
  func spreadsheet(in zone: TimeZone) -> Spreadsheet.Cell {
    switch self {
    case .text(let text): .text(text)
    case .texts(let texts): texts.isEmpty ? .empty : .text(text(in: zone))
    case .count(let count): .number(Double(count))
    case .share(let share): .number(Self.rounded(share))
    case .time(let date): .time(date, zone)
    case .clock(let date, let zone): .time(date, zone)
    case .day(let day): .day(day)
    case .hours(let hours): .hours(hours)
    case .missing, .absent: .empty
    }
  }

  /// Rounds to four decimals. More decimals would suggest a precision that is not there.
  private static func rounded(_ number: Double) -> Double { (number * 10_000).rounded() / 10_000 }
}
