import Foundation
import Formats
public import Store

/// How often masks were worn: what the faces in the log showed, by day, by hour of the day and by camera.
public struct MaskCompliance: Sendable, Equatable {
  /// How many sightings had which label.
  public struct Tally: Sendable, Equatable {
    private var counts: [Sighting.Mask: Int] = [:]

    /// Sightings with this label.
    public subscript(mask: Sighting.Mask) -> Int { counts[mask] ?? 0 }

    /// Sightings that show whether a mask was worn: all but the unsure ones.
    public var labelled: Int { counts.values.reduce(0, +) - self[.unsure] }

    mutating func add(_ mask: Sighting.Mask) { counts[mask, default: 0] += 1 }
  }

  /// All sightings.
  public internal(set) var total = Tally()
  /// By day, such as "2026-11-21"; days without a sighting are not there.
  public internal(set) var days: [String: Tally] = [:]
  /// By hour of the day as clocks show it, 0 to 23.
  public internal(set) var hours: [Int: Tally] = [:]
  /// By camera. Faces in photos have none.
  public internal(set) var cameras: [String: Tally] = [:]
}

extension AttendanceLog {
  /// Counts the mask labels of sightings: arrivals, changes during a visit, and faces in photos, also of people who are not known. The end
  /// of a visit says nothing new, and what is void does not count.
  ///
  /// - Throws: as `forEachEvent`.
  public func maskCompliance(_ query: Query = Query()) throws -> MaskCompliance {
    var compliance = MaskCompliance()
    var (day, end) = ("", Date.distantPast)
    try forEachEvent(query) { event in
      guard case .sighting(let sighting) = event.entry, event.voiding == nil, sighting.kind != .seen,
        let mask = sighting.mask
      else { return }
      if sighting.time >= end {
        day = Timestamp.day(sighting.time, in: timeZone, startingAt: rules.dayStart)
        end = Timestamp.nextDay(after: sighting.time, in: timeZone, startingAt: rules.dayStart)
      }
      compliance.total.add(mask)
      compliance.days[day, default: .init()].add(mask)
      compliance.hours[Timestamp.hour(sighting.time, in: timeZone), default: .init()].add(mask)
      if case .camera(let name) = sighting.source { compliance.cameras[name, default: .init()].add(mask) }
    }
    return compliance
  }
}
