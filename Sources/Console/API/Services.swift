import Access
import Attendance
import Enroll
import Faces
import Formats
import Foundation
import HTTP
import Store
import Vision
import Wire

/// The services that the endpoints use.
struct Services: Sendable {
  let store: Store
  let gatekeeper: Gatekeeper
  let engine: FaceEngine
  let enroller: Enroller
  let verifier: Verifier
  let roster: RosterFollower
  /// Removes a person from the database, and from the events that wait on disk.
  let forgetPerson: @Sendable (_ id: String) throws -> Store.Forgotten
  let log: AttendanceLog
  let cameras: Cameras
  let feed: LiveFeed
  let events: EventChannel
  let metrics: Metrics
  let version: String
  /// Whether cookies are sent over TLS only.
  let isSecure: Bool
  let limits: PhotoLimits
  /// The wanted false-positive identification rate, and whether cameras learn how people look behind their masks.
  let recognition: (fpir: Double, learns: Bool)
  let wire: WireFormat
  /// The JSON of a new event.
  let describe: @Sendable (Event) -> JSONValue

  var timeZone: TimeZone { log.timeZone }
  var audit: Audit { gatekeeper.audit }

  /// All endpoints, in the order of the description.
  var endpoints: [Endpoint] {
    setupAndSession + accounts + peopleEndpoints + looking + cameraEndpoints + attendance + service
  }

  /// Reads changes of the enrolled people immediately. If the database cannot be reached, the present roster stays in
  /// use.
  func refreshRoster() { _ = try? roster.refresh() }

  /// The picture in the body of a request, turned upright.
  ///
  /// - Throws: `PhotoError`.
  func picture(_ call: Call) throws -> Image {
    try Photo(decoding: call.request.body, limits: limits, timeZone: timeZone).image
  }
}
