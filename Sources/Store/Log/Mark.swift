public import Foundation

/// A way in or out that somebody entered by hand, because no camera saw it. It stands beside what cameras saw and
/// changes none of it.
public struct Mark: Sendable, Equatable {
  /// Which way the person went.
  public enum Direction: String, Sendable, CaseIterable {
    case `in`
    case out
  }

  /// A UUID in lowercase.
  public let id: String
  /// Whose way it was.
  public let personID: String
  /// Which way the person went.
  public let direction: Direction
  /// When the person came or went.
  public let time: Date
  /// Who entered it. 1–200 characters.
  public let by: String
  /// Why it was entered by hand. 1–1000 characters.
  public let reason: String
  /// When it was entered.
  public let recorded: Date

  /// A mark with an id of its own, entered now, unless said otherwise.
  public init(
    id: String = UUID().uuidString.lowercased(), personID: String, direction: Direction, time: Date, by: String,
    reason: String, recorded: Date = Date()
  ) {
    self.id = id
    self.personID = personID
    self.direction = direction
    self.time = time
    self.by = by
    self.reason = reason
    self.recorded = recorded
  }
}

/// Says that a event or a mark does not count. What it speaks of stays as it is.
///
/// The one of a visit's arrival speaks of the whole visit: it was somebody else.
public struct Voiding: Sendable, Equatable {
  /// Id of the event or mark.
  public let eventID: String
  /// Who says so. 1–200 characters.
  public let by: String
  /// Why. 1–1000 characters.
  public let reason: String
  /// When it was said.
  public let recorded: Date

  /// Said now, unless said otherwise.
  public init(eventID: String, by: String, reason: String, recorded: Date = Date()) {
    self.eventID = eventID
    self.by = by
    self.reason = reason
    self.recorded = recorded
  }
}
