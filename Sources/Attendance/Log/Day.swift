public import Foundation
import Store

extension AttendanceLog {
  /// A way in or a way out.
  public struct Passage: Sendable, Equatable {
    /// When.
    public let time: Date
    /// Camera or file; nil where it was entered by hand.
    public let place: String?
  }

  /// From a way in to the way out that belongs to it. One of the two may not be known.
  public struct Stay: Sendable, Equatable {
    /// The way in.
    public let checkIn: Passage?
    /// The way out.
    public let checkOut: Passage?

    /// In seconds; nil unless both ends are known.
    public var length: TimeInterval? {
      guard let checkIn, let checkOut else { return nil }
      return checkOut.time.timeIntervalSince(checkIn.time)
    }
  }

  /// One known person on one day.
  public struct Day: Sendable, Equatable {
    /// The day on which it began, such as "2026-11-21".
    public let date: String
    /// Id of the person.
    public let personID: String
    /// Name of the person.
    public let name: String
    /// Groups of the person.
    public let groups: [String]
    /// The first way in.
    public let firstIn: Date?
    /// The last way out. Where there is one punch only, which is not known to be a way in, its end.
    public let lastOut: Date?
    /// Ways in with the ways out that belong to them, in the order of time: one with the policy `firstLast`, as a rule.
    public let stays: [Stay]
    /// Number of events; the ends of visits are not counted.
    public let events: Int
    /// Events that show whether a mask was worn: those with a mask label, “unsure” not among them.
    public let labelled: Int
    /// Events with a mask worn over mouth, nose and chin.
    public let masked: Int

    /// Hours between ways in and ways out, 0 or more; nil when no way in has a way out.
    public var hours: Double? {
      let lengths = stays.compactMap(\.length)
      return lengths.isEmpty ? nil : lengths.reduce(0, +) / 3600
    }

    /// The share of the labelled events with a mask worn, 0…1; nil when no event shows it.
    public var maskShare: Double? { labelled > 0 ? Double(masked) / Double(labelled) : nil }
  }
}

/// What the punches of a day say of ways in and out.
struct Reckoning {
  private(set) var stays: [AttendanceLog.Stay] = []
  private(set) var firstIn: Date?
  private(set) var lastOut: Date?
  /// The way in that is still without a way out; nil for a day that is closed.
  private(set) var openSince: Date?

  /// - Requires: at least one punch, in the order of time.
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
      // Met once. A moment at the door is no stay; a visit of hours is one.
      let punch = punches[first]
      let isMoment = punch.end.timeIntervalSince(punch.begin) <= cooldown
      stays = [.init(checkIn: punch.wayIn, checkOut: isMoment ? nil : punch.wayOut)]
      // A way in by hand after it says that the person had left, but not when.
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
