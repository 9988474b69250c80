public import Foundation

/// An arrival or a departure that a person entered by hand, because no camera saw it. Marks are kept beside the events
/// of the cameras and do not change them.
public struct Mark: Sendable, Equatable {
  /// Which way the person went.
  public enum Direction: String, Sendable, CaseIterable {
    case `in`
    case out
  }

  /// A UUID in lowercase.
  public let id: String
  /// The id of the person who came or went.
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

  /// A mark, by default with a new id and entered now.
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

/// The statement that an event or a mark does not count. The event or mark itself stays as it is.
///
/// The voiding of a visit's arrival applies to the whole visit, because the visitor was another person.
public struct Voiding: Sendable, Equatable {
  /// Id of the event or mark.
  public let eventID: String
  /// Who voided it. 1–200 characters.
  public let by: String
  /// Why. 1–1000 characters.
  public let reason: String
  /// When it was voided.
  public let recorded: Date

  /// A voiding, by default recorded now.
  public init(eventID: String, by: String, reason: String, recorded: Date = Date()) {
    self.eventID = eventID
    self.by = by
    self.reason = reason
    self.recorded = recorded
  }
}
