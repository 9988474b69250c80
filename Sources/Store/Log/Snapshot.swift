public import Foundation

/// The description of a picture that is kept as evidence of an event. The event is in the log with or without a
/// snapshot.
public struct Snapshot: Sendable, Equatable {
  /// The number of days for which a snapshot may be kept.
  public static let retention = 1...365

  /// The id of the event.
  public let eventID: String
  /// When the face was seen, as the event says.
  public let time: Date
  /// Where the face was seen.
  public let source: Event.Source
  /// The id of the person who was recognised; nil for an unknown person.
  public let personID: String?
  /// The moment from which the snapshot is no longer returned. `Store.removeExpiredSnapshots` then removes it.
  public let expires: Date

  /// A snapshot of an event.
  ///
  /// - Parameter expires: The moment from which it is no longer returned.
  public init(of event: Event, expires: Date) {
    self.init(
      eventID: event.id, time: event.time, source: event.source, personID: event.personID, expires: expires)
  }

  init(eventID: String, time: Date, source: Event.Source, personID: String?, expires: Date) {
    self.eventID = eventID
    self.time = time
    self.source = source
    self.personID = personID
    self.expires = expires
  }
}
