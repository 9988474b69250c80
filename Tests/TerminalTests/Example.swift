import Terminal

/// A program small enough to know by heart.
enum Example {
  enum Format: String, CaseIterable, Sendable {
    case text
    case json
    case jsonl
  }

  struct NoDay: Error, CustomStringConvertible {
    let text: String
    var description: String { "“\(text)” is no day; write it like 2026-11-21" }
  }

  static let data = Option(
    "data", .text("DIR"), help: "the folder that everything is kept in", environment: "ROLLCALL_DATA")
  static let fpir = Option(
    "fpir", .number("RATE", in: 0...1), default: 0.001,
    help: "how many searches for strangers may find somebody", environment: "ROLLCALL_FPIR")

  static let path = Positional(many: .text("PATH"), help: "a photo, or a folder of photos")
  static let name = Option("name", .text("NAME"), help: "whose photos they are")
  static let group = Option(many: "group", .text("GROUP"), help: "a group the person is in")
  static let batch = Option("batch", .integer(in: 1...64), default: 16, help: "photos encoded at once")
  static let upsample = Option(
    "upsample-for-small-faces", .integer("TIMES", in: 0...Int.max), help: "enlarge photos before the search")
  static let json = Option(flag: "json", help: "print JSON Lines")

  static let format = Option("format", .choice(of: Format.self), default: .text, help: "how to print")
  static let largest = Option(flag: "largest", help: "only the largest face", environment: "ROLLCALL_LARGEST")
  static let adjust = Option("adjust", .number(in: -5...5), default: -0.9, help: "the detector's threshold")
  static let from = Option(
    "from",
    ValueKind("DAY") { (text) throws(NoDay) in
      guard text.count == 10 else { throw NoDay(text: text) }
      return text
    }, help: "the first day")

  static let id = Positional(.text("ID"), help: "who it is")
  static let newName = Positional(.text("NEW-NAME"), help: "what to call them")
  static let group1 = Positional(optional: .text("GROUP"), help: "only people of this group")

  static let program = Program(
    "rollcall", version: "1.2.3", summary: "knows who is there", everywhere: [data, fpir],
    verbs: [
      Command(
        "enroll", summary: "add people from their photos",
        description: """
          PATH is a folder with one folder of photos for each person, or photos of one person with --name. \
          Photos that are no good are named with the reason, and the rest is enrolled.

          A run that was stopped goes on when it is started again.
          """,
        synonyms: ["add"], positionals: [path], options: [name, group, batch, upsample, json],
        examples: [
          .init("one folder of photos for each person", "rollcall enroll photos/"),
          .init("one person", "rollcall enroll ann-1.jpg ann-2.jpg --name \"Ann Lee\""),
        ]),
      Command(
        "identify", summary: "say who is in pictures", positionals: [path],
        options: [format, largest, adjust, from],
        examples: [.init("one picture", "rollcall identify party.jpg")]),
      Command(
        "people", summary: "see and change who is enrolled",
        verbs: [
          Command(
            "list", summary: "list people", positionals: [group1], options: [format],
            examples: [.init("everybody", "rollcall people list")]),
          Command(
            "rename", summary: "change a name", positionals: [id, newName],
            examples: [.init("correct a name", "rollcall people rename 7 \"Ann Lee\"")]),
        ], examples: [.init("everybody", "rollcall people list")]),
      Command("doctor", summary: "check the installation", examples: [.init("check", "rollcall doctor")]),
    ], examples: [.init("enroll first", "rollcall enroll photos/")])
}
