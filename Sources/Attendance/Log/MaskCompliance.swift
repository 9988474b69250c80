import Foundation
import Formats
import Store
public import Values

/// How often masks were worn: what the faces in the log showed, by day, by hour of the day and by camera.
public struct MaskCompliance: Sendable, Equatable {
  /// How many events had which label.
  public struct Tally: Sendable, Equatable {
    private var counts: [MaskLabel: Int] = [:]

    /// Events with this label.
    public subscript(mask: MaskLabel) -> Int { counts[mask] ?? 0 }

    /// Events that show whether a mask was worn: all but the unsure ones.
    public var labelled: Int { counts.values.reduce(0, +) - self[.unsure] }

    mutating func add(_ mask: MaskLabel) { counts[mask, default: 0] += 1 }
  }

  /// All events.
  public internal(set) var total = Tally()
  /// By day, such as "2026-11-21"; days without a event are not there.
  public internal(set) var days: [String: Tally] = [:]
  /// By hour of the day as clocks show it, 0 to 23.
  public internal(set) var hours: [Int: Tally] = [:]
  /// By camera. Faces in photos have none.
  public internal(set) var cameras: [String: Tally] = [:]
}

extension AttendanceLog {
  /// Counts the mask labels of events: arrivals, changes during a visit, and faces in photos, also of people who are
  /// not known. The end of a visit says nothing new, and what is void does not count.
  ///
  /// - Throws: as `forEachEntry`.
  public func maskCompliance(_ query: Query = Query()) throws -> MaskCompliance {
    var compliance = MaskCompliance()
    var (day, end) = ("", Date.distantPast)
    try forEachEntry(query) { entry in
      guard case .event(let event) = entry.record, entry.voiding == nil, event.kind != .seen,
        let mask = event.mask
      else { return }
      if event.time >= end {
        day = Timestamp.day(event.time, in: timeZone, startingAt: rules.dayStart)
        end = Timestamp.nextDay(after: event.time, in: timeZone, startingAt: rules.dayStart)
      }
      compliance.total.add(mask)
      compliance.days[day, default: .init()].add(mask)
      compliance.hours[Timestamp.hour(event.time, in: timeZone), default: .init()].add(mask)
      if case .camera(let name) = event.source { compliance.cameras[name, default: .init()].add(mask) }
    }
    return compliance
  }
}
