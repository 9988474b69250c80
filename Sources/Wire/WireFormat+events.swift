public import Attendance
public import Formats
public import Store
import Values

extension WireFormat {
  /// An event.
  ///
  /// - Parameters:
  ///   - name: The person's name; nil if it is not known.
  ///   - hasPicture: Whether a snapshot of the event is kept.
  public func json(_ event: Event, name: String?, hasPicture: Bool) -> JSONValue {
    .object(members(event, name: name, hasPicture: hasPicture))
  }

  /// An entry of the log, with its voiding.
  ///
  /// - Parameter hasPicture: Whether a snapshot of the entry is kept.
  public func json(_ entry: AttendanceLog.Entry, hasPicture: Bool) -> JSONValue {
    let own =
      switch entry.record {
      case .event(let event): members(event, name: entry.name, hasPicture: hasPicture)
      case .mark(let mark): members(mark, name: entry.name)
      }
    return .object(
      own + [
        .init("groups", .array(entry.groups.map(JSONValue.string))),
        .init("voided", entry.voiding.map { json($0) } ?? .null),
      ])
  }

  /// A voiding: by whom, why and when.
  public func json(_ voiding: Voiding) -> JSONValue {
    ["by": .string(voiding.by), "reason": .string(voiding.reason), "time": time(voiding.recorded)]
  }

  private func members(_ event: Event, name: String?, hasPicture: Bool) -> [JSONValue.Member] {
    [
      .init("id", .string(event.id)), .init("kind", .string(event.kind.rawValue)), .init("time", time(event.time)),
      .init("camera", .string(event.source.name)), .init("person", Self.json(personID: event.personID, name: name)),
      .init("status", .string(event.status.rawValue)), .init("mask", .optional(event.mask?.rawValue)),
      .init("method", .optional(event.method?.rawValue)),
      .init("confidence", .optional(event.confidence.map(Self.share))), .init("snapshot", .bool(hasPicture)),
    ]
  }

  private func members(_ mark: Mark, name: String?) -> [JSONValue.Member] {
    [
      .init("id", .string(mark.id)), .init("kind", "mark"), .init("time", time(mark.time)),
      .init("person", Self.json(personID: mark.personID, name: name)),
      .init("direction", .string(mark.direction.rawValue)), .init("by", .string(mark.by)),
      .init("reason", .string(mark.reason)),
    ]
  }

  static let event = JSONSchema.object(eventProperties)
  private static let eventProperties: [JSONSchema.Property] = [
    .init("id", .text()), .init("kind", .choice(Event.Kind.allCases.map(\.rawValue))), .init("time", .time()),
    .init("camera", .text()), .init("person", .nullable(personNameSchema)),
    .init("status", .choice(FaceStatus.logged.map(\.rawValue))), .init("mask", .nullable(.choice(maskLabels))),
    .init("method", .nullable(.choice(RecognitionMethod.allCases.map(\.rawValue)))),
    .init("confidence", .nullable(shareSchema)),
    .init("snapshot", .flag(about: "Whether a picture of it is kept.")),
  ]

  /// The schema of a voiding.
  public static let voidingSchema = JSONSchema.object([
    .init("by", .text()), .init("reason", .text()), .init("time", .time()),
  ])

  /// An event or a mark, with its voiding.
  static let entry = JSONSchema.object(
    eventProperties.map { property in
      switch property.name {
      case "kind": .init("kind", .choice(Event.Kind.allCases.map(\.rawValue) + ["mark"]))
      case "id", "time", "person": property
      // Marks do not have these: they describe what a camera observed.
      default: .init(property.name, property.schema, needed: false)
      }
    } + [
      .init("groups", .list(.text())),
      .init("direction", .choice(Mark.Direction.allCases.map(\.rawValue)), needed: false),
      .init("by", .text(), needed: false), .init("reason", .text(), needed: false),
      .init("voided", .nullable(voidingSchema)),
    ])
}
