public import Formats
public import Store

extension WireFormat {
  /// How much of a person is written.
  public enum PersonDetail: Sendable {
    /// What a list shows.
    case listed
    /// Also the photos.
    case photos
    /// Also the encoders of the photos and the time when the consent was recorded.
    case complete
  }

  /// A person, without any embedding. `templates` counts photos.
  public func json(_ person: Person, _ detail: PersonDetail = .listed) -> JSONValue {
    var consent: [JSONValue.Member] = [
      .init("text", .string(person.consent.text)), .init("date", time(person.consent.date)),
    ]
    if detail == .complete { consent.append(.init("recorded", time(person.consent.recorded))) }
    var members: [JSONValue.Member] = [
      .init("id", .string(person.id)), .init("name", .string(person.name)),
      .init("groups", .array(person.groups.map(JSONValue.string))), .init("templates", .int(person.photos.count)),
      .init("consent", .object(consent)), .init("created", time(person.created)),
      .init("updated", time(person.updated)),
    ]
    if detail != .listed { members.append(.init("photos", .array(person.photos.map { json($0, detail) }))) }
    return .object(members)
  }

  private func json(_ photo: Template, _ detail: PersonDetail) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("digest", .string(photo.digest)), .init("source", .string(photo.source)),
      .init("quality", .double(Self.quality(photo.quality))), .init("created", time(photo.created)),
    ]
    if detail == .complete { members.insert(.init("encoder", .string(photo.encoder)), at: 2) }
    return .object(members)
  }

  static let person = JSONSchema.object([
    .init("id", .text()), .init("name", .text()), .init("groups", .list(.text())),
    .init("templates", .whole(0...Int.max)),
    .init("consent", .object([.init("text", .text()), .init("date", .time())])), .init("created", .time()),
    .init("updated", .time()),
    .init(
      "photos",
      .list(
        .object([
          .init("digest", .text()), .init("source", .text()), .init("quality", shareSchema), .init("created", .time()),
        ])), needed: false),
  ])
}
