import Access
import Enroll
import Mask
import Recognize
import Store

/// What the API's answers are made of, by the names that its description gives them.
enum Shapes {
  static let all: [(name: String, schema: Schema)] = [
    ("Problem", problem), ("Session", session), ("User", user), ("Token", token), ("AuditEntry", auditEntry),
    ("Person", person), ("Verdict", verdict), ("Face", face), ("Mask", mask), ("Identity", identity), ("Faces", faces),
    ("Camera", camera), ("Event", event), ("Entry", entry), ("Day", day), ("Tally", tally), ("Forgotten", forgotten),
  ]

  /// A part of a list.
  static func page(_ name: String) -> Schema {
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
  private static let labels = MaskLabel.allCases.map(\.rawValue) + [MaskStatus.unsure]
  static let masks = Sighting.Mask.allCases.map(\.rawValue)
  private static let methods = RecognitionMethod.allCases.map(\.rawValue)
  static let refusals = ["good"] + Refusal.allCases.map(\.rawValue)

  private static let share = Schema.number(0...1)
  private static let box = Schema.list(.number(), atMost: 4)

  // MARK: Things

  private static let problem = Schema.object([
    .init("type", .text(about: "A URI that names the kind of problem; about:blank when the status says it all.")),
    .init("title", .text()), .init("status", .whole(400...599)),
    .init("detail", .text(about: "What is wrong with this request, and what to do about it."), needed: false),
    .init("instance", .text(), needed: false),
    .init(
      "errors", .list(.object([.init("pointer", .text()), .init("detail", .text())])), needed: false),
  ])

  private static let session = Schema.object([
    .init("user", .object([.init("name", .text()), .init("role", .choice(roles))])),
    .init("permissions", .list(.choice(permissions))),
    .init("csrf", .text(about: "What changes send in X-CSRF-Token.")), .init("expires", .time()),
  ])

  private static let user = Schema.object([
    .init("name", .text()), .init("role", .choice(roles)), .init("created", .time()),
    .init("lastLogin", .nullable(.time())),
  ])

  private static let token = Schema.object([
    .init("id", .text()), .init("name", .text()), .init("permissions", .list(.choice(permissions))),
    .init("created", .time()), .init("by", .text()), .init("lastUsed", .nullable(.time())),
    .init("expires", .nullable(.time())),
    .init("token", .text(about: "The secret; only in the answer that makes it."), needed: false),
  ])

  private static let auditEntry = Schema.object([
    .init("id", .text()), .init("time", .time()), .init("who", .text()), .init("address", .text()),
    .init("action", .text()),
    .init("object", .nullable(.text())), .init("detail", .nullable(.text())),
  ])

  private static let person = Schema.object([
    .init("id", .text()), .init("name", .text()), .init("groups", .list(.text())),
    .init("templates", .whole(0...Int.max)),
    .init("consent", .object([.init("text", .text()), .init("date", .time())])), .init("created", .time()),
    .init("updated", .time()),
    .init(
      "photos",
      .list(
        .object([
          .init("digest", .text()), .init("source", .text()), .init("quality", share), .init("created", .time()),
        ])), needed: false),
  ])

  private static let forgotten = Schema.object([
    .init("templates", .whole(0...Int.max)), .init("events", .whole(0...Int.max)), .init("marks", .whole(0...Int.max)),
    .init("snapshots", .whole(0...Int.max)),
    .init("remaining", .whole(0...Int.max, about: "What still names the person, of everything that is kept: 0.")),
  ])

  private static let other = Schema.object([.init("id", .text()), .init("name", .text())])

  private static let verdict = Schema.object([
    .init("verdict", .choice(refusals)),
    .init("advice", .nullable(.text(about: "What to do for a better photo."))),
    .init("quality", .nullable(share)), .init("width", .whole(1...Int.max)), .init("height", .whole(1...Int.max)),
    .init("faces", .list(.object([.init("box", box), .init("isMain", .flag())]))),
    .init("duplicates", .list(other)),
  ])

  private static let mask = Schema.object([
    .init("label", .choice(labels)), .init("probabilities", .map(share)),
  ])

  private static let identity = Schema.object([
    .init("id", .text()), .init("name", .text()), .init("confidence", share), .init("method", .choice(methods)),
  ])

  private static let face = Schema.object([
    .init("box", box), .init("score", share), .init("mask", .named("Mask")),
    .init("identity", .nullable(.named("Identity")), needed: false),
    .init("status", .choice(["known", "unknown", "poor", "found"])),
    .init(
      "track", .whole(1...Int.max, about: "The same number for the same face, from picture to picture."), needed: false),
  ])

  private static let faces = Schema.object([
    .init("width", .whole(1...Int.max)), .init("height", .whole(1...Int.max)),
    .init("faces", .list(.named("Face"))),
    .init("events", .list(.named("Event")), needed: false),
  ])

  private static let camera = Schema.object([
    .init("name", .text()), .init("kind", .choice(["source", "browser"])),
    .init("source", .nullable(.text(about: "Without user name and password."))),
    .init("phase", .choice(["connecting", "running", "waiting", "ended"])),
    .init("width", .whole(0...Int.max)), .init("height", .whole(0...Int.max)),
    .init("framesPerSecond", .nullable(.number())), .init("dropped", .whole(0...Int.max)),
    .init("reconnects", .whole(0...Int.max)), .init("faces", .whole(0...Int.max)),
    .init("failure", .nullable(.text())),
  ])

  private static let event = Schema.object(eventProperties)
  private static let eventProperties: [Schema.Property] = [
    .init("id", .text()), .init("kind", .choice(Sighting.Kind.allCases.map(\.rawValue))), .init("time", .time()),
    .init("camera", .text()), .init("person", .nullable(other)),
    .init("status", .choice(Sighting.Status.allCases.map(\.rawValue))), .init("mask", .nullable(.choice(masks))),
    .init("method", .nullable(.choice(Sighting.Method.allCases.map(\.rawValue)))),
    .init("confidence", .nullable(share)),
    .init("snapshot", .flag(about: "Whether a picture of it is kept.")),
  ]

  /// An event or a mark, with what was said of it since.
  private static let entry = Schema.object(
    eventProperties.map { property in
      switch property.name {
      case "kind": .init("kind", .choice(Sighting.Kind.allCases.map(\.rawValue) + ["mark"]))
      case "id", "time", "person": property
      // What only cameras know.
      default: .init(property.name, property.schema, needed: false)
      }
    } + [
      .init("groups", .list(.text())),
      .init("direction", .choice(Mark.Direction.allCases.map(\.rawValue)), needed: false),
      .init("by", .text(), needed: false), .init("reason", .text(), needed: false),
      .init(
        "voided",
        .nullable(.object([.init("by", .text()), .init("reason", .text()), .init("time", .time())]))),
    ])

  private static let passage = Schema.nullable(
    .object([.init("time", .time()), .init("place", .nullable(.text()))]))

  private static let day = Schema.object([
    .init("date", .day()), .init("person", other), .init("groups", .list(.text())), .init("in", .nullable(.time())),
    .init("out", .nullable(.time())), .init("hours", .nullable(.number())),
    .init("stays", .list(.object([.init("in", passage), .init("out", passage)]))),
    .init("maskShare", .nullable(share)), .init("sightings", .whole(0...Int.max)),
  ])

  static let counts: [Schema.Property] =
    masks.map { .init($0, .whole(0...Int.max)) } + [
      .init("share", .nullable(share))
    ]
  private static let tally = Schema.object(counts)
}
