import Attendance
import Enroll
import Foundation
import Formats
import Recognize
import Store
import Terminal
import Wire

/// `rollcall people`
enum PeopleGroup {
  static let id = Positional(.text("ID"), help: "the person's ID, as `rollcall people list` shows it")
  static let format = Option("format", .choice(of: Format.self), default: .text, help: "how to print")

  enum Format: String, CaseIterable, Sendable {
    case text
    case json
  }

  static let command = Command(
    "people", summary: "list, show, rename and forget people, and what was learnt of them",
    synonyms: ["person", "users", "members"],
    verbs: [PeopleList.command, PeopleShow.command, PeopleRename.command, PeopleUnlearn.command, PeopleForget.command],
    examples: [.init("who is enrolled?", "rollcall people list")])
}

/// `rollcall people list`
enum PeopleList: Verb {
  static let path = "people list"
  static let command = Command(
    "list", summary: "list everybody who is enrolled", synonyms: ["ls", "all"], options: [PeopleGroup.format],
    examples: [
      .init("everybody", "rollcall people list"), .init("for a program", "rollcall people list --format json"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let people = try store.people()
    let wire = WireFormat(timeZone: .current)
    switch invocation[PeopleGroup.format] {
    case .json: try Output.standard.line(JSONValue.array(people.map { wire.json($0) }).text(pretty: true))
    case .text:
      guard !people.isEmpty else {
        Diagnostics.note("nobody is enrolled yet; begin with: rollcall enroll --help")
        return 0
      }
      var table = TextTable([.init("id"), .init("name"), .init("groups"), .init("photos", .right), .init("since")])
      for person in people {
        table.add([
          person.id, person.name, person.groups.joined(separator: ", "), String(person.photos.count),
          Timestamp.day(person.created, in: .current),
        ])
      }
      try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
      if let note = noteOnEarlierPhotos(people) { Diagnostics.note(note) }
    }
    return 0
  }

  /// Whose photos must be enrolled again so that the second encoder sees them; nil if there is nobody, or no second
  /// encoder.
  static func noteOnEarlierPhotos(_ people: [Person]) -> String? {
    let earlier = people.filter(\.lacksSecondEncoder)
    guard (try? Models.find())?.hasSecondEncoder == true, !earlier.isEmpty else { return nil }
    let shown = earlier.prefix(10).map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
    let rest = earlier.count > 10 ? " and \(earlier.count - 10) more" : ""
    return "enrolled without the second encoder: \(shown)\(rest). Behind a mask, they are recognised much less often; "
      + "enroll the same photos again to change that"
  }
}

/// `rollcall people show`
enum PeopleShow: Verb {
  static let path = "people show"
  static let command = Command(
    "show", summary: "show one person with consent, photos, and what cameras have learnt",
    positionals: [PeopleGroup.id],
    options: [PeopleGroup.format],
    examples: [.init("one person", "rollcall people show 1042")])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let id = invocation[PeopleGroup.id]
    guard let person = try store.person(id: id) else {
      Diagnostics.error("nobody has the ID \(id); rollcall people list shows everybody")
      return 1
    }
    switch invocation[PeopleGroup.format] {
    case .json: try Output.standard.line(WireFormat(timeZone: .current).json(person, .complete).text(pretty: true))
    case .text:
      let day = { (date: Date) in Timestamp.day(date, in: .current) }
      var lines = [
        ("id", person.id), ("name", person.name), ("groups", person.groups.joined(separator: ", ")),
        ("enrolled", day(person.created)), ("consent", "\(person.consent.text) (\(day(person.consent.date)))"),
      ]
      lines += person.photos.map { ("photo", "\($0.source), \(day($0.created))") }
      lines += person.learnt.map { ("learnt", "behind a mask at \($0.source), \(day($0.created))") }
      for (key, value) in lines {
        try Output.standard.line(key.padding(toLength: 10, withPad: " ", startingAt: 0) + displayable(value))
      }
    }
    return 0
  }
}

/// `rollcall people rename`
enum PeopleRename: Verb {
  static let path = "people rename"
  private static let name = Positional(.text("NAME"), help: "the new name")
  static let command = Command(
    "rename", summary: "give a person another name; the ID stays", positionals: [PeopleGroup.id, name],
    examples: [.init("after a wedding", "rollcall people rename 1042 \"Ada King\"")])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    try store.changePerson(id: invocation[PeopleGroup.id], name: invocation[name])
    return 0
  }
}

/// `rollcall people unlearn`
enum PeopleUnlearn: Verb {
  static let path = "people unlearn"
  static let command = Command(
    "unlearn", summary: "remove what cameras have learnt of a person behind a mask; the photos stay",
    positionals: [PeopleGroup.id], examples: [.init("one person", "rollcall people unlearn 1042")])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let looks = try store.unlearn(personID: invocation[PeopleGroup.id])
    try Output.standard.line("\(looks) learnt look\(looks == 1 ? "" : "s") removed")
    return 0
  }
}

/// `rollcall people forget`
enum PeopleForget: Verb {
  static let path = "people forget"
  private static let ids = Positional(many: .text("ID"), help: "IDs, as `rollcall people list` shows them")
  static let command = Command(
    "forget", summary: "remove people, their templates and their names in the log, and prove it",
    description: """
      The person, the templates, the consent, the snapshots and the ways in and out that were entered by hand are \
      removed; sightings stay in the log without a name, also those that still wait on disk for the database. Reasons \
      in the log that hold the ID or the name become “(…)”. Then every collection and every waiting file is searched \
      for the ID and what is left of it is reported: zero.
      """,
    synonyms: ["delete", "remove", "rm"], positionals: [ids], options: [PeopleGroup.format],
    examples: [.init("two people", "rollcall people forget 1042 1043")])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    var failed = false
    var results: [JSONValue] = []
    for id in invocation[ids] {
      let name = try store.person(id: id)?.name
      let result = try store.forget(id: id, dataFolder: Common.dataFolder(invocation))
      let (events, remaining) = (result.events, result.remaining)
      failed = failed || !result.wasEnrolled || remaining > 0
      results.append([
        "id": .string(id), "enrolled": .bool(result.wasEnrolled), "templates": .int(result.templates),
        "sightings": .int(events), "marks": .int(result.marks), "snapshots": .int(result.snapshots),
        "remaining": .int(remaining),
      ])
      if let name, case let photos = try store.trainingPhotoCount(.init(name: name)), photos > 0 {
        Diagnostics.note(
          "the training collection has \(DatasetGroup.photos(photos)) under the same name; to remove them: rollcall "
            + "dataset forget --name \"\(name)\""
        )
      }
      guard invocation[PeopleGroup.format] == .text else { continue }
      if !result.wasEnrolled { Diagnostics.error("nobody has the ID \(id); rollcall people list shows everybody") }
      try Output.standard.line(
        "\(displayable(id)): \(result.templates) templates removed, \(events) sightings made anonymous, "
          + "\(result.marks) marks removed, \(result.snapshots) snapshots removed, \(remaining) references left"
      )
    }
    if invocation[PeopleGroup.format] == .json { try Output.standard.line(JSONValue.array(results).text(pretty: true)) }
    return failed ? 1 : 0
  }
}
