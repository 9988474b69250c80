import Formats
import Foundation
import Store

/// An event as the API tells it.
struct Happening {
  private let sighting: Sighting
  private let name: String?
  private let hasPicture: Bool
  private let zone: TimeZone

  /// - Parameters:
  ///   - name: The person's, if anybody knows it.
  ///   - hasPicture: Whether a picture of it is kept.
  ///   - zone: That times are told in.
  init(_ sighting: Sighting, name: String?, hasPicture: Bool, zone: TimeZone) {
    (self.sighting, self.name, self.hasPicture, self.zone) = (sighting, name, hasPicture, zone)
  }

  var json: JSONValue { .object(members) }

  var members: [JSONValue.Member] {
    [
      .init("id", .string(sighting.id)), .init("kind", .string(sighting.kind.rawValue)),
      .init("time", .string(Timestamp.string(from: sighting.time, in: zone))),
      .init("camera", .string(sighting.source.name)), .init("person", Self.person(sighting.personID, name)),
      .init("status", .string(sighting.status.rawValue)), .init("mask", .optional(sighting.mask?.rawValue)),
      .init("method", .optional(sighting.method?.rawValue)),
      .init("confidence", .optional(sighting.confidence.map { ($0 * 10_000).rounded() / 10_000 })),
      .init("snapshot", .bool(hasPicture)),
    ]
  }

  /// A person by id and name; somebody whose name nobody knows is called by the id.
  static func person(_ id: String?, _ name: String?) -> JSONValue {
    guard let id else { return .null }
    return ["id": .string(id), "name": .string(name ?? id)]
  }
}
