import FoundationEssentials

/// The parts of an ISO 8601 text, as written.
struct ISOText {
  struct Clock {
    let hour: Int
    let minute: Int
    let second: Int
    let microsecond: Int
    /// Seconds east of Greenwich; nil if the text has no offset.
    let offset: Int?
  }

  let year: Int
  let month: Int
  let day: Int
  let clock: Clock?

  /// Parses a text; nil if it has another shape. `date(in:)` checks whether the numbers are in range.
  init?(_ text: String) {
    let shape =
      #/
      ([0-9]{4})-([0-9]{2})-([0-9]{2})
      (?:[Tt\ ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?
      (Z|z|[+-][0-9]{2}(?::?[0-5][0-9])?)?)?
      /#
    guard let parts = text.wholeMatch(of: shape)?.output, let year = Int(parts.1), let month = Int(parts.2),
      let day = Int(parts.3)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
    clock = parts.4.flatMap { hour in
      Clock(
        hour: Int(hour) ?? 0, minute: parts.5.flatMap { Int($0) } ?? 0, second: parts.6.flatMap { Int($0) } ?? 0,
        microsecond: parts.7.flatMap { Int(($0 + "00000").prefix(6)) } ?? 0, offset: parts.8.map(Self.seconds))
    }
  }

  private static func seconds(offset: Substring) -> Int {
    let digits = offset.filter(\.isNumber)
    let minutes = (Int(digits.prefix(2)) ?? 0) * 60 + (Int(digits.dropFirst(2)) ?? 0)
    return offset.hasPrefix("-") ? -minutes * 60 : minutes * 60
  }

  /// The moment; nil if the day, the time or the offset does not exist.
  func date(in zone: TimeZone) -> Date? {
    // The Gregorian calendar was introduced in 1582.
    guard year > 1582 else { return nil }
    let offset = clock.flatMap(\.offset)
    if let clock {
      guard clock.hour < 24, clock.minute < 60, clock.second < 60, abs(offset ?? 0) <= 18 * 3600 else { return nil }
    }
    let greenwich = Timestamp.calendar(in: .gmt)
    let day = DateComponents(year: year, month: month, day: self.day)
    guard let midnight = greenwich.date(from: day),
      greenwich.dateComponents([.year, .month, .day], from: midnight) == day
    else { return nil }
    guard let clock else { return start(of: midnight, in: zone) }
    let local = midnight.addingTimeInterval(Double(clock.hour * 3600 + clock.minute * 60 + clock.second))
    let seconds = local.timeIntervalSince1970 - Double(offset ?? zone.offset(showing: local))
    // One division, so that the result is the same number as the time from which the milliseconds were written.
    return Date(timeIntervalSince1970: (seconds * 1_000_000 + Double(clock.microsecond)) / 1_000_000)
  }

  /// The first moment of a day in a zone, given the day's midnight in Greenwich; nil if the zone skipped the whole day.
  private func start(of midnight: Date, in zone: TimeZone) -> Date? {
    let noon = midnight.addingTimeInterval(12 * 3600)
    let there = noon.addingTimeInterval(-Double(zone.offset(showing: noon)))
    let start = Timestamp.calendar(in: zone).startOfDay(for: there)
    return Timestamp.day(start, in: zone) == Timestamp.day(midnight, in: .gmt) ? start : nil
  }
}

extension TimeZone {
  /// The offset in seconds that is in force when clocks in this zone show what clocks in Greenwich show at `local`.
  ///
  /// If clocks show this time twice, it is the offset of the first one. If clocks skip this time, it is the offset
  /// before the gap.
  fileprivate func offset(showing local: Date) -> Int {
    let before = secondsFromGMT(for: local.addingTimeInterval(-86_400))
    let after = secondsFromGMT(for: local.addingTimeInterval(86_400))
    let holds = { secondsFromGMT(for: local.addingTimeInterval(-Double($0))) == $0 }
    return !holds(before) && holds(after) ? after : before
  }
}
