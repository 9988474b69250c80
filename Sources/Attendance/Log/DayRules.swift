public import Foundation

/// The rules by which punches become days with ways in and ways out.
public struct DayRules: Sendable, Equatable {
  /// The rule that decides which punches are ways in and which are ways out.
  public enum Policy: String, Sendable, CaseIterable {
    /// The first punch of a day is the way in, and the last is the way out.
    case firstLast = "first-last"
    /// Punches are alternately ways in and ways out.
    case every
  }

  /// The rule that decides which punches are ways in and which are ways out.
  public var policy: Policy
  /// The longest gap between events of one punch, in seconds, 0 or more.
  public var cooldown: TimeInterval
  /// When a day begins, in minutes after midnight, as clocks show it, 0 to 1439.
  public var dayStart: Int
  /// The longest shift in hours, 0 to 24. The person's next punch closes a day that is still open, if it comes within
  /// this time after the way in. 0 means never.
  public var longestShift: Double

  /// The default rules: first in and last out, from midnight to midnight, with night shifts of up to twelve hours.
  public init(
    policy: Policy = .firstLast, cooldown: TimeInterval = 120, dayStart: Int = 0, longestShift: Double = 12
  ) {
    self.policy = policy
    self.cooldown = cooldown
    self.dayStart = dayStart
    self.longestShift = longestShift
  }
}
