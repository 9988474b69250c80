public import Formats
public import Foundation
public import Values

/// The JSON of faces, people and events: the one place that says how programs read them, for the command line, the API
/// and its description.
///
///     let wire = WireFormat(timeZone: .current)
///     print(wire.json(person).text())
///
/// Embeddings and distances are never part of it: they leak faces.
public struct WireFormat: Sendable {
  /// The zone that times are written in.
  public let timeZone: TimeZone

  /// A format that writes times in a zone.
  public init(timeZone: TimeZone) {
    self.timeZone = timeZone
  }

  /// A moment, such as "2026-11-25T08:01:02+01:00".
  public func time(_ date: Date) -> JSONValue { .string(Timestamp.string(from: date, in: timeZone)) }

  /// A moment, or `null`.
  public func time(_ date: Date?) -> JSONValue { date.map { time($0) } ?? .null }

  /// A person by ID and name, or `null`; somebody whose name nobody knows is called by the ID.
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

  /// The schemas of what this module writes, by the names that the API's description gives them.
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
  /// The words for what covers a face.
  public static let maskLabels = MaskLabel.allCases.map(\.rawValue)
}
