import Foundation
import Formats
import Store
public import Values

/// How often masks were worn: the mask labels in the log, counted by day, by hour of the day and by camera.
public struct MaskCompliance: Sendable, Equatable {
  /// The number of events per mask label.
  public struct Tally: Sendable, Equatable {
    private var counts: [MaskLabel: Int] = [:]

    /// The number of events with this label.
    public subscript(mask: MaskLabel) -> Int { counts[mask] ?? 0 }

    /// The number of events that show whether a mask was worn: all except the unsure ones.
    public var labelled: Int { counts.values.reduce(0, +) - self[.unsure] }

    mutating func add(_ mask: MaskLabel) { counts[mask, default: 0] += 1 }
  }

  /// The counts of all events.
  public internal(set) var total = Tally()
  /// The counts by day, such as "2026-11-21". Days without events are left out.
  public internal(set) var days: [String: Tally] = [:]
  /// The counts by hour of the day, as clocks show it, 0 to 23.
  public internal(set) var hours: [Int: Tally] = [:]
  /// The counts by camera. Faces in photos have no camera.
  public internal(set) var cameras: [String: Tally] = [:]
}

extension AttendanceLog {
  /// Counts the mask labels of events: arrivals, changes during a visit, and faces in photos, of known and unknown
  /// people. The end of a visit adds no information and is not counted. Void events are not counted either.
  ///
  /// - Throws: As `forEachEntry`.
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
