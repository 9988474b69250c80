public import Foundation

/// What a picture shows that was kept as evidence of an event. The event is in the log whether there is a picture of it
/// or not.
public struct Snapshot: Sendable, Equatable {
  /// The days for which a snapshot may be kept.
  public static let retention = 1...365

  /// The id of the event.
  public let eventID: String
  /// When the face was seen, as the event says.
  public let time: Date
  /// Where the face was seen.
  public let source: Event.Source
  /// Whose face it is; nil for somebody unknown.
  public let personID: String?
  /// From this moment on nobody gets to see it, and the next look removes it.
  public let expires: Date

  /// A snapshot of an event.
  ///
  /// - Parameter expires: When it has to go.
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
