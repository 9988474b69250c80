public import Attendance
public import Formats
import Values

extension WireFormat {
  /// A person's day.
  public func json(_ day: AttendanceLog.Day) -> JSONValue {
    [
      "date": .string(day.date), "person": Self.json(personID: day.personID, name: day.name),
      "groups": .array(day.groups.map(JSONValue.string)), "in": time(day.firstIn), "out": time(day.lastOut),
      "hours": .optional(day.hours.map(Self.share)),
      "stays": .array(day.stays.map { ["in": json($0.checkIn), "out": json($0.checkOut)] }),
      "maskShare": .optional(day.maskShare.map(Self.share)), "sightings": .int(day.events),
    ]
  }

  private func json(_ passage: AttendanceLog.Passage?) -> JSONValue {
    passage.map { ["time": time($0.time), "place": .optional($0.place)] } ?? .null
  }

  /// How often masks were worn.
  public static func json(_ masks: MaskCompliance) -> JSONValue {
    [
      "total": .object(counts(masks.total)),
      "days": .array(
        masks.days.sorted { $0.key < $1.key }.map { .object([.init("day", .string($0))] + counts($1)) }),
      "hours": .array(
        masks.hours.sorted { $0.key < $1.key }.map { .object([.init("hour", .int($0))] + counts($1)) }),
      "cameras": .array(
        masks.cameras.sorted { $0.key < $1.key }.map { .object([.init("camera", .string($0))] + counts($1)) }),
    ]
  }

  private static func counts(_ tally: MaskCompliance.Tally) -> [JSONValue.Member] {
    MaskLabel.allCases.map { .init($0.rawValue, .int(tally[$0])) } + [
      .init("share", .optional(tally.labelled > 0 ? share(Double(tally[.mask]) / Double(tally.labelled)) : nil))
    ]
  }

  /// The schema of how often masks were worn.
  public static let masksSchema = JSONSchema.object([
    .init("total", .named("Tally")),
    .init("days", .list(.object([.init("day", .day())] + countProperties))),
    .init("hours", .list(.object([.init("hour", .whole(0...23))] + countProperties))),
    .init("cameras", .list(.object([.init("camera", .text())] + countProperties))),
  ])

  private static let countProperties: [JSONSchema.Property] =
    maskLabels.map { .init($0, .whole(0...Int.max)) } + [.init("share", .nullable(shareSchema))]
  static let tally = JSONSchema.object(countProperties)

  private static let passage = JSONSchema.nullable(
    .object([.init("time", .time()), .init("place", .nullable(.text()))]))

  static let day = JSONSchema.object([
    .init("date", .day()), .init("person", personNameSchema), .init("groups", .list(.text())),
    .init("in", .nullable(.time())), .init("out", .nullable(.time())), .init("hours", .nullable(.number())),
    .init("stays", .list(.object([.init("in", passage), .init("out", passage)]))),
    .init("maskShare", .nullable(shareSchema)), .init("sightings", .whole(0...Int.max)),
  ])
}
