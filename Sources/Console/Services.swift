import Access
import Attendance
import Enroll
import Formats
import Foundation
import HTTP
import Live
import Recognize
import Store
import Vision

/// What the operations of the API work with.
struct Services: Sendable {
  let store: Store
  let gatekeeper: Gatekeeper
  let engine: Engine
  /// One for all requests: it keeps the enrolled faces between them.
  let enroller: Enroller
  let verifier: Verifier
  let people: CurrentPeople
  /// Looks at once whether people have changed.
  let refreshPeople: @Sendable () -> Void
  /// Removes a person from everywhere.
  let forgetPerson: @Sendable (_ id: String) throws -> Store.Forgotten
  let log: AttendanceLog
  let cameras: Cameras
  let feed: LiveFeed
  let events: EventChannel
  let metrics: Metrics
  let version: String
  /// Whether cookies are only for TLS.
  let isSecure: Bool
  let limits: PhotoLimits
  /// What is told of an event of this moment.
  let tell: @Sendable (Sighting) -> JSONValue

  var timeZone: TimeZone { log.timeZone }
  var audit: Audit { gatekeeper.audit }

  /// All operations, in the order of the description.
  var endpoints: [Endpoint] {
    setupAndSession + accounts + peopleEndpoints + looking + cameraEndpoints + attendance + service
  }

  /// The picture that was sent, upright.
  ///
  /// - Throws: `PhotoError`.
  func picture(_ call: Call) throws -> Image {
    try Photo(decoding: call.request.body, limits: limits, timeZone: timeZone).image
  }
}
