public import FoundationEssentials

/// Moments and days as ISO 8601 text.
public enum Timestamp {
  /// An error for a text that is not a moment or not a day.
  public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// What is wrong and what to write instead.
    public let reason: String

    /// The reason.
    public var description: String { reason }
  }

  // MARK: Writing

  /// A moment to the millisecond with its zone's offset, as in `2026-11-21T08:15:30.250+01:00`. UTC is `+00:00`.
  public static func string(from date: Date, in zone: TimeZone) -> String {
    // An offset is written in minutes. If a zone's offset has seconds (before about 1930), the time must match the
    // offset as it is written.
    let offset = Int((Double(zone.secondsFromGMT(for: date)) / 60).rounded())
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded() + Double(offset) * 60_000
    let seconds = (milliseconds / 1000).rounded(.down)
    let clock = calendar(in: .gmt).dateComponents(
      [.hour, .minute, .second], from: Date(timeIntervalSince1970: seconds))
    let time = [clock.hour, clock.minute, clock.second].map { padded($0 ?? 0, 2) }.joined(separator: ":")
    let fraction = padded(Int(milliseconds - seconds * 1000), 3)
    let sign = offset < 0 ? "-" : "+"
    return day(Date(timeIntervalSince1970: seconds), in: .gmt) + "T\(time).\(fraction)"
      + "\(sign)\(padded(abs(offset) / 60, 2)):\(padded(abs(offset) % 60, 2))"
  }

  /// The local time of a moment in a zone, rounded down to the second and without the offset, as in
  /// `2026-11-21 08:15:30`.
  public static func clock(_ date: Date, in zone: TimeZone) -> String {
    let parts = calendar(in: zone).dateComponents([.hour, .minute, .second], from: date)
    let time = [parts.hour, parts.minute, parts.second].map { padded($0 ?? 0, 2) }.joined(separator: ":")
    return "\(day(date, in: zone)) \(time)"
  }

  /// The hour of a moment in a zone, as clocks show it, 0 to 23.
  public static func hour(_ date: Date, in zone: TimeZone) -> Int { calendar(in: zone).component(.hour, from: date) }

  /// The day of a moment in a zone, as in `2026-11-21`.
  ///
  /// - Parameter minutes: When a day begins, in minutes after midnight, as clocks show it, 0 to 1439.
  public static func day(_ date: Date, in zone: TimeZone, startingAt minutes: Int = 0) -> String {
    let date = midnight(of: date, in: zone, startingAt: minutes)
    let parts = calendar(in: zone).dateComponents([.year, .month, .day], from: date)
    return "\(padded(parts.year ?? 0, 4))-\(padded(parts.month ?? 0, 2))-\(padded(parts.day ?? 0, 2))"
  }

  // MARK: Reading

  /// Parses `2026-11-21T08:15:30.250+01:00` and its shorter forms: without a fraction, without seconds, with `Z`,
  /// `+0100` or `+01`, with a blank instead of the `T`, without an offset, and a plain day, which means its beginning.
  ///
  /// - Parameter zone: The time zone for a text without an offset. If clocks show the time twice, it is the first of
  ///   the two. If clocks skip the time, it is moved forward by the length of the gap.
  /// - Throws: `Failure` with what to write instead.
  public static func parse(_ text: String, assuming zone: TimeZone) throws(Failure) -> Date {
    guard let parts = ISOText(text) else {
      throw Failure(reason: "“\(text)” is no time; write it like 2026-11-21T08:15:30+01:00, or a day like 2026-11-21")
    }
    guard let date = parts.date(in: zone) else { throw impossible(text) }
    return date
  }

  /// The first moment of a day, as in `2026-11-21`, in a zone.
  ///
  /// - Parameter minutes: When a day begins, in minutes after midnight, as clocks show it, 0 to 1439.
  /// - Throws: `Failure` with what to write instead.
  public static func parseDay(_ text: String, in zone: TimeZone, startingAt minutes: Int = 0) throws(Failure) -> Date {
    guard let parts = ISOText(text), parts.clock == nil else {
      throw Failure(reason: "“\(text)” is no day; write it like 2026-11-21")
    }
    guard let date = parts.date(in: zone) else { throw impossible(text) }
    return start(ofDayFrom: date, in: zone, startingAt: minutes)
  }

  /// The first moment of the day after the one that holds `date`. A day has 23 or 25 hours instead of 24 when clocks
  /// are changed.
  ///
  /// - Parameter minutes: When a day begins, in minutes after midnight, as clocks show it, 0 to 1439.
  public static func nextDay(after date: Date, in zone: TimeZone, startingAt minutes: Int = 0) -> Date {
    let calendar = calendar(in: zone)
    // Noon is never skipped, and a day after it is always the next day.
    let noon = midnight(of: date, in: zone, startingAt: minutes).addingTimeInterval(12 * 3600)
    let later = calendar.date(byAdding: .day, value: 1, to: noon) ?? noon.addingTimeInterval(24 * 3600)
    return start(ofDayFrom: calendar.startOfDay(for: later), in: zone, startingAt: minutes)
  }

  /// Midnight on the date of the day that holds `date`.
  private static func midnight(of date: Date, in zone: TimeZone, startingAt minutes: Int) -> Date {
    let calendar = calendar(in: zone)
    let midnight = calendar.startOfDay(for: date)
    guard minutes > 0, date < start(ofDayFrom: midnight, in: zone, startingAt: minutes) else { return midnight }
    return calendar.startOfDay(for: midnight.addingTimeInterval(-1))
  }

  /// The beginning of the day whose date begins at `midnight`.
  private static func start(ofDayFrom midnight: Date, in zone: TimeZone, startingAt minutes: Int) -> Date {
    guard minutes > 0 else { return midnight }
    // By local time: when clocks are changed, this is not the same number of minutes after midnight.
    let text = "\(day(midnight, in: zone))T\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    return (try? parse(text, assuming: zone)) ?? midnight.addingTimeInterval(Double(minutes) * 60)
  }

  private static func impossible(_ text: String) -> Failure {
    Failure(reason: "“\(text)” names a day, a time or an offset that does not exist")
  }

  // MARK: Calendar

  static func calendar(in zone: TimeZone) -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    return calendar
  }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
