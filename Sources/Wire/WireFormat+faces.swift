public import Formats
import Store
public import Values

extension WireFormat {
  /// A line of `identify`, `mask` or `live`, with the keys of the contract in their order.
  ///
  /// - Parameter more: Members that the caller adds at the end.
  public func json(_ report: FaceReport, _ question: FaceReport.Question, more: [JSONValue.Member] = []) -> JSONValue {
    let key =
      switch report.source {
      case .camera: "camera"
      case .file: "file"
      }
    let picture: [JSONValue.Member] = [.init(key, .string(report.source.name)), .init("time", time(report.time))]
    let face = report.face.map { Self.members($0, question) } ?? [.init("status", .string(report.status.rawValue))]
    return .object(picture + face + more)
  }

  /// A face alone: the keys of a report without those of its picture.
  ///
  /// - Parameter track: The number of the face's track, in a camera's picture.
  public static func json(_ face: IdentifiedFace, _ question: FaceReport.Question, track: Int? = nil) -> JSONValue {
    .object(members(face, question) + (track.map { [.init("track", .int($0))] } ?? []))
  }

  private static func members(_ face: IdentifiedFace, _ question: FaceReport.Question) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      .init("box", json(face.box)), .init("score", .double(share(face.score))), .init("mask", json(face.mask)),
    ]
    if question == .identity {
      members.append(.init("identity", face.identification.map { json($0, face) } ?? .null))
    }
    members.append(.init("status", .string(face.status.rawValue)))
    return members
  }

  private static func json(_ identification: Identification, _ face: IdentifiedFace) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string(identification.personID)), .init("name", .string(face.name ?? identification.personID)),
      .init("confidence", .double(share(identification.confidence))),
      .init("method", .string(identification.method.rawValue)),
    ]
    if let rival = face.rival {
      members.append(.init("rival", ["id": .string(rival.id), "name": .string(rival.name)]))
    }
    return .object(members)
  }

  private static func json(_ mask: MaskStatus) -> JSONValue {
    [
      "label": .string(mask.label.rawValue),
      "probabilities": .object(MaskLabel.classes.map { .init($0.rawValue, .double(share(mask[$0]))) }),
    ]
  }

  static let mask = JSONSchema.object([
    .init("label", .choice(maskLabels)), .init("probabilities", .map(shareSchema)),
  ])

  static let identity = JSONSchema.object([
    .init("id", .text()), .init("name", .text()), .init("confidence", shareSchema),
    .init("method", .choice(RecognitionMethod.allCases.map(\.rawValue))),
    .init("rival", .object([.init("id", .text(about: aboutRival)), .init("name", .text())]), needed: false),
  ])

  private static let aboutRival = "Another person who is about equally near, such as a twin."

  private static let aboutTrack = "The same number for the same face, from picture to picture."

  static let face = JSONSchema.object([
    .init("box", boxSchema), .init("score", shareSchema), .init("mask", .named("Mask")),
    .init("identity", .nullable(.named("Identity")), needed: false),
    .init("status", .choice(FaceStatus.seen.map(\.rawValue))),
    .init("track", .whole(1...Int.max, about: aboutTrack), needed: false),
  ])
}
