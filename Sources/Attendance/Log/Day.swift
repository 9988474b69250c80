public import Foundation
import Store

extension AttendanceLog {
  /// A way in or a way out.
  public struct Passage: Sendable, Equatable {
    /// The time.
    public let time: Date
    /// The camera or file; nil if the passage was entered by hand.
    public let place: String?
  }

  /// The time from a way in to its way out. One of the two may be unknown.
  public struct Stay: Sendable, Equatable {
    /// The way in; nil if unknown.
    public let checkIn: Passage?
    /// The way out; nil if unknown.
    public let checkOut: Passage?

    /// The length in seconds; nil unless both ends are known.
    public var length: TimeInterval? {
      guard let checkIn, let checkOut else { return nil }
      return checkOut.time.timeIntervalSince(checkIn.time)
    }
  }

  /// One known person on one day, with stays, hours and the share of masks.
  public struct Day: Sendable, Equatable {
    /// The date on which the day began, such as "2026-11-21".
    public let date: String
    /// The ID of the person.
    public let personID: String
    /// The name of the person.
    public let name: String
    /// The groups of the person.
    public let groups: [String]
    /// The first way in.
    public let firstIn: Date?
    /// The last way out. If there is only one punch, and it is not known to be a way in, this is the end of the punch.
    public let lastOut: Date?
    /// The stays in the order of time. With the policy `firstLast` there is usually one.
    public let stays: [Stay]
    /// The number of events, without the ends of visits.
    public let events: Int
    /// The number of events that show whether a mask was worn: those with a mask label other than “unsure”.
    public let labelled: Int
    /// The number of events with a mask worn over mouth, nose and chin.
    public let masked: Int

    /// The hours between ways in and their ways out, 0 or more; nil if no way in has a way out.
    public var hours: Double? {
      let lengths = stays.compactMap(\.length)
      return lengths.isEmpty ? nil : lengths.reduce(0, +) / 3600
    }

    /// The share of the labelled events with a mask worn, 0…1; nil if there are no labelled events.
    public var maskShare: Double? { labelled > 0 ? Double(masked) / Double(labelled) : nil }
  }
}

/// The ways in and out that follow from the punches of a day.
struct Reckoning {
  private(set) var stays: [AttendanceLog.Stay] = []
  private(set) var firstIn: Date?
  private(set) var lastOut: Date?
  /// The way in that still lacks a way out; nil if the day is closed.
  private(set) var openSince: Date?

  /// - Requires: At least one punch. The punches are in the order of time.
  init(_ punches: [Punch], _ rules: DayRules) {
    switch rules.policy {
    case .firstLast: firstAndLast(punches, cooldown: rules.cooldown)
    case .every: every(punches)
    }
  }

  private mutating func firstAndLast(_ punches: [Punch], cooldown: TimeInterval) {
    let first = punches.firstIndex { $0.direction != .out }
    let last = punches.lastIndex { $0.direction != .in }
    if let first, let last, first < last {
      stays = [.init(checkIn: punches[first].wayIn, checkOut: punches[last].wayOut)]
      (firstIn, lastOut) = (punches[first].begin, punches[last].end)
      if punches.last?.direction == .in { openSince = punches[first].begin }
    } else if let first, first == last {
      // There is only one punch. A short one is a moment at the door and has no way out; a visit of hours is a stay.
      let punch = punches[first]
      let isMoment = punch.end.timeIntervalSince(punch.begin) <= cooldown
      stays = [.init(checkIn: punch.wayIn, checkOut: isMoment ? nil : punch.wayOut)]
      // A later way in, entered by hand, shows that the person had left, but not when.
      let isLast = punches.last?.direction != .in
      (firstIn, lastOut, openSince) = (punch.begin, isLast ? punch.end : nil, punch.begin)
    } else {
      // Only ways out, only ways in, or all ways out before all ways in.
      if let last {
        stays.append(.init(checkIn: nil, checkOut: punches[last].wayOut))
        lastOut = punches[last].end
      }
      if let first {
        stays.append(.init(checkIn: punches[first].wayIn, checkOut: nil))
        (firstIn, lastOut, openSince) = (punches[first].begin, nil, punches[first].begin)
      }
    }
  }

  private mutating func every(_ punches: [Punch]) {
    var inside: AttendanceLog.Passage?
    for punch in punches {
      switch punch.direction ?? (inside == nil ? .in : .out) {
      case .in:
        if let inside { stays.append(.init(checkIn: inside, checkOut: nil)) }
        inside = punch.wayIn
      case .out:
        stays.append(.init(checkIn: inside, checkOut: punch.wayOut))
        inside = nil
      }
    }
    if let inside { stays.append(.init(checkIn: inside, checkOut: nil)) }
    firstIn = stays.lazy.compactMap(\.checkIn).first?.time
    lastOut = stays.compactMap(\.checkOut).last?.time
    openSince = inside?.time
  }
}

extension Punch {
  fileprivate var wayIn: AttendanceLog.Passage { .init(time: begin, place: firstPlace) }
  fileprivate var wayOut: AttendanceLog.Passage { .init(time: end, place: lastPlace) }
}
