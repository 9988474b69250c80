public import Foundation

/// How punches become days with a way in and a way out.
public struct DayRules: Sendable, Equatable {
  /// Which punches are ways in, and which are ways out.
  public enum Policy: String, Sendable, CaseIterable {
    /// A day's first punch is the way in, its last the way out.
    case firstLast = "first-last"
    /// Punches are ways in and ways out by turns.
    case every
  }

  /// Which punches are ways in, and which are ways out.
  public var policy: Policy
  /// Events of a person no further apart than this are one punch. In seconds, 0 or more.
  public var cooldown: TimeInterval
  /// When a day begins: minutes after midnight, as clocks show it, 0 to 1439.
  public var dayStart: Int
  /// A day that is still open is closed by the person's next punch, if that comes within so many hours of the way in. 0
  /// to 24; 0 for never.
  public var longestShift: Double

  /// First in and last out, from midnight to midnight, with night shifts of up to twelve hours, unless said otherwise.
  public init(
    policy: Policy = .firstLast, cooldown: TimeInterval = 120, dayStart: Int = 0, longestShift: Double = 12
  ) {
    self.policy = policy
    self.cooldown = cooldown
    self.dayStart = dayStart
    self.longestShift = longestShift
  }
}
