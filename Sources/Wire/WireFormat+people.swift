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
  ///
  /// - Parameter needsPhotos: Whether the photos must be added again, so that an encoder that was installed later sees
  ///   them.
  public func json(_ person: Person, _ detail: PersonDetail = .listed, needsPhotos: Bool = false) -> JSONValue {
    var consent: [JSONValue.Member] = [
      .init("text", .string(person.consent.text)), .init("date", time(person.consent.date)),
    ]
    if detail == .complete { consent.append(.init("recorded", time(person.consent.recorded))) }
    var members: [JSONValue.Member] = [
      .init("id", .string(person.id)), .init("name", .string(person.name)),
      .init("groups", .array(person.groups.map(JSONValue.string))), .init("templates", .int(person.photos.count)),
      .init("needsPhotos", .bool(needsPhotos)), .init("consent", .object(consent)),
      .init("created", time(person.created)),
      .init("updated", time(person.updated)),
    ]
    if detail != .listed {
      members.append(.init("photos", .array(person.photos.map { json($0, detail) })))
      members.append(
        .init("learnt", .array(person.learnt.map { ["camera": .string($0.source), "created": time($0.created)] })))
    }
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
    .init(
      "needsPhotos",
      .flag(
        about: "Whether photos must be added again: behind a mask, the person is recognised much less often till then.")
    ),
    .init("consent", .object([.init("text", .text()), .init("date", .time())])), .init("created", .time()),
    .init("updated", .time()),
    .init(
      "photos",
      .list(
        .object([
          .init("digest", .text()), .init("source", .text()), .init("quality", shareSchema), .init("created", .time()),
        ])), needed: false),
    .init("learnt", .list(.object([.init("camera", .text()), .init("created", .time())])), needed: false),
  ])
}
