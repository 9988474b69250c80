public import Formats
public import Foundation
public import Values

/// The JSON of faces, people and events, as programs read it.
///
/// ```swift
/// let wire = WireFormat(timeZone: .current)
/// print(wire.json(person).text())
/// ```
///
/// It is the one definition of this JSON for the command line, the API and the API's description. It never contains
/// embeddings and distances, because they reveal faces.
public struct WireFormat: Sendable {
  /// The time zone of all times.
  public let timeZone: TimeZone

  /// Creates a format that writes times in a time zone.
  public init(timeZone: TimeZone) {
    self.timeZone = timeZone
  }

  /// A moment, such as "2026-11-25T08:01:02+01:00".
  public func time(_ date: Date) -> JSONValue { .string(Timestamp.string(from: date, in: timeZone)) }

  /// A moment, or `null`.
  public func time(_ date: Date?) -> JSONValue { date.map { time($0) } ?? .null }

  /// A person by ID and name, or `null` without an ID. Without a name, the ID takes its place.
  public static func json(personID id: String?, name: String?) -> JSONValue {
    id.map { json(PersonName(id: $0, name: name)) } ?? .null
  }

  /// A person by ID and name.
  public static func json(_ person: PersonName) -> JSONValue {
    ["id": .string(person.id), "name": .string(person.name)]
  }

  /// A box as `[x, y, width, height]` in whole pixels.
  public static func json(_ box: Rect) -> JSONValue {
    .array([box.x, box.y, box.width, box.height].map { .int(Int($0.rounded())) })
  }

  /// A share or probability, to four decimals.
  public static func share(_ number: Double) -> Double { (number * 10_000).rounded() / 10_000 }

  /// A quality, to three decimals.
  public static func quality(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }

  /// The schemas of what this module writes, with their names in the API's description.
  public static let schemas: [(name: String, schema: JSONSchema)] = [
    ("Person", person), ("Face", face), ("Mask", mask), ("Identity", identity), ("Event", event), ("Entry", entry),
    ("Day", day), ("Tally", tally),
  ]

  /// A share, 0…1.
  public static let shareSchema = JSONSchema.number(0...1)
  /// A box.
  public static let boxSchema = JSONSchema.list(.number(), atMost: 4)
  /// A person by ID and name.
  public static let personNameSchema = JSONSchema.object([.init("id", .text()), .init("name", .text())])
  /// The names of the mask labels.
  public static let maskLabels = MaskLabel.allCases.map(\.rawValue)
}
