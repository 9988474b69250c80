import Access
import Enroll
import Store
import Wire

/// The schemas of the API's answers, by the names that the description gives them.
enum Shapes {
  static let all =
    [
      ("Problem", problem), ("Session", session), ("User", user), ("Token", token), ("AuditEntry", auditEntry),
      ("Verdict", verdict), ("Faces", faces), ("Camera", camera), ("Forgotten", forgotten),
    ] + WireFormat.schemas

  /// One part of a list, with the position of the next.
  static func page(_ name: String) -> JSONSchema {
    .object([
      .init("items", .list(.named(name))),
      .init("next", .nullable(.text(about: "What to give as `after` for the next part; null at the end."))),
    ])
  }

  static let limit = Endpoint.Parameter(
    "limit", .whole(1...500, default: usualLimit), "How many at most, 1 to 500; \(usualLimit) unless said otherwise.")
  static let usualLimit = 50
  static let after = Endpoint.Parameter("after", .text(1...500), "The `next` of the part before.")

  // MARK: Words

  static let permissions = Permission.allCases.map(\.rawValue)
  static let roles = Role.allCases.map(\.rawValue)
  static let refusals = ["good"] + PhotoRefusal.allCases.map(\.rawValue)

  // MARK: Things

  private static let problem = JSONSchema.object([
    .init("type", .text(about: "A URI that names the kind of problem; about:blank when the status says it all.")),
    .init("title", .text()), .init("status", .whole(400...599)),
    .init("detail", .text(about: "What is wrong with this request, and what to do about it."), needed: false),
    .init("instance", .text(), needed: false),
    .init(
      "errors", .list(.object([.init("pointer", .text()), .init("detail", .text())])), needed: false),
  ])

  private static let session = JSONSchema.object([
    .init("user", .object([.init("name", .text()), .init("role", .choice(roles))])),
    .init("permissions", .list(.choice(permissions))),
    .init("csrf", .text(about: "What changes send in X-CSRF-Token.")), .init("expires", .time()),
  ])

  private static let user = JSONSchema.object([
    .init("name", .text()), .init("role", .choice(roles)), .init("created", .time()),
    .init("lastLogin", .nullable(.time())),
  ])

  private static let token = JSONSchema.object([
    .init("id", .text()), .init("name", .text()), .init("permissions", .list(.choice(permissions))),
    .init("created", .time()), .init("by", .text()), .init("lastUsed", .nullable(.time())),
    .init("expires", .nullable(.time())),
    .init("token", .text(about: "The secret; only in the answer that makes it."), needed: false),
  ])

  private static let auditEntry = JSONSchema.object([
    .init("id", .text()), .init("time", .time()), .init("who", .text()), .init("address", .text()),
    .init("action", .text()),
    .init("object", .nullable(.text())), .init("detail", .nullable(.text())),
  ])

  private static let forgotten = JSONSchema.object([
    .init("templates", .whole(0...Int.max)), .init("events", .whole(0...Int.max)), .init("marks", .whole(0...Int.max)),
    .init("snapshots", .whole(0...Int.max)),
    .init("remaining", .whole(0...Int.max, about: "What still names the person, of everything that is kept: 0.")),
  ])

  private static let verdict = JSONSchema.object([
    .init("verdict", .choice(refusals)),
    .init("advice", .nullable(.text(about: "What to do for a better photo."))),
    .init("quality", .nullable(WireFormat.shareSchema)), .init("width", .whole(1...Int.max)),
    .init("height", .whole(1...Int.max)),
    .init("faces", .list(.object([.init("box", WireFormat.boxSchema), .init("isMain", .flag())]))),
    .init("duplicates", .list(WireFormat.personNameSchema)),
  ])

  private static let faces = JSONSchema.object([
    .init("width", .whole(1...Int.max)), .init("height", .whole(1...Int.max)),
    .init("faces", .list(.named("Face"))),
    .init("events", .list(.named("Event")), needed: false),
  ])

  private static let camera = JSONSchema.object([
    .init("name", .text()), .init("kind", .choice(["source", "browser"])),
    .init("source", .nullable(.text(about: "Without user name and password."))),
    .init("phase", .choice(["connecting", "running", "waiting", "ended"])),
    .init("width", .whole(0...Int.max)), .init("height", .whole(0...Int.max)),
    .init("framesPerSecond", .nullable(.number())), .init("dropped", .whole(0...Int.max)),
    .init("reconnects", .whole(0...Int.max)), .init("faces", .whole(0...Int.max)),
    .init("failure", .nullable(.text())),
  ])
}
