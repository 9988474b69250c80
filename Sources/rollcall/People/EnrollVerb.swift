import Enroll
import Faces
import Foundation
import Formats
import Faces
import Recognize
import Store
import Terminal
import Vision

/// `rollcall enroll`
enum EnrollVerb: Verb {
  static let path = "enroll"

  private static let paths = Positional(
    many: .text("PATH"), atLeast: 0, help: "a folder with one folder of photos per person, or photos with --name")
  private static let name = Option("name", .text("NAME"), help: "all the photos show this one person")
  private static let id = Option("id", .text("ID"), help: "the person's ID (default: made from the name)")
  private static let group = Option(
    many: "group", .text("GROUP"), help: "a group that the person belongs to, as a class or a team")
  private static let roster = Option(
    "roster", .text("FILE.csv"),
    help:
      "a list with the columns id, name, group, consent (a day as 2026-09-01) and photos (paths with | between them)")
  private static let consent = Option(
    "consent", .text("TEXT"), default: "Consent confirmed by the operator at enrolment.",
    help: "what the people agreed to, or the version of your policy; kept with the templates")
  private static let allowDuplicate = Option(
    flag: "allow-duplicate", help: "enroll a face that another ID has already (twins, or one person with two roles)")
  private static let allowDifferent = Option(
    flag: "allow-different",
    help:
      "enroll photos that do not fit their person, and a person whose name another ID has (two people of one name)")
  private static let allowCovered = Option(
    flag: "allow-covered",
    help: "enroll faces behind a mask or a veil too (where it is always worn, or where the label is wrong)")
  private static let json = Option(flag: "json", help: "print the result as one JSON object")

  static let command = Command(
    "enroll", summary: "learn people from photos",
    description: """
      One good photo per person is enough, two or three in different light are better. Photos that would not be \
      recognised are refused with the reason: no face, several faces, too small, blurred, too dark or blown out, \
      turned away, covered by a mask or something else. The rest goes on.

      The same picture again is skipped, so a run that was stopped is resumed by running it again. A face that is \
      enrolled under another ID is not enrolled; both names are printed.

      The photos of one person have to show one person. A photo that does not fit the others, or what is enrolled \
      already, is refused and named; the others are enrolled. Of a folder that shows many people nothing is enrolled. \
      A name that another ID has is refused too.

      In a folder per person, the folder's name is the person's ID, and with blanks for underscores the name. Only \
      photos become templates: the photos themselves are not kept.
      """,
    synonyms: ["add", "enrol", "register", "train"],
    positionals: [paths],
    options: [
      name, id, group, roster, consent, allowDuplicate, allowDifferent, allowCovered, json, Common.megapixels,
      Common.threads, Common.precision, Common.timeZone,
    ],
    examples: [
      .init("a folder with one folder of photos per person", "rollcall enroll people/"),
      .init("one person", "rollcall enroll ada1.jpg ada2.jpg --name \"Ada Lovelace\" --id 1042"),
      .init("from the office's list", "rollcall enroll --roster staff.csv --consent \"Privacy policy 3, signed\""),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let plan = try plan(invocation)
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let enroller = Enroller(
      try FaceEngine(models: Models.find(), options: Common.networks(invocation)),
      try ImpostorModels(models: Models.find()), store: store,
      options: .init(
        limits: Common.limits(invocation), allowDuplicate: invocation[allowDuplicate],
        allowDifferent: invocation[allowDifferent], allowCovered: invocation[allowCovered]))

    let photos = plan.entries.reduce(0) { $0 + $1.photos.count }
    let bar = ProgressBar("Enrolling", total: photos)
    let start = ContinuousClock.now
    let report = try enroller.enroll(plan, consent: Consent(text: invocation[consent], date: Date())) {
      bar.advance(at: ($0 as NSString).lastPathComponent)
    }
    bar.finish()
    let seconds = (ContinuousClock.now - start) / .seconds(1)

    let problems = plan.problems + report.problems
    let refused = plan.problems.count + report.lines.count - report.enrolled - report.skipped
    for problem in problems { Diagnostics.error(problem.line) }
    if invocation[json] {
      try Output.standard.line(self.json(report, problems, seconds: seconds).text())
    } else {
      try Output.standard.line(summary(report, refused: refused, seconds: seconds))
    }
    return problems.isEmpty ? 0 : 1
  }

  private static func plan(_ invocation: Invocation) throws -> EnrolmentPlan {
    let paths = invocation[paths]
    if let file = invocation[roster] {
      guard paths.isEmpty, invocation[name] == nil, invocation[id] == nil else {
        throw invocation.refuse("--roster names people and photos itself; leave out PATH, --name and --id")
      }
      return try refusable(invocation) { try EnrolmentPlan.roster(file, timeZone: Common.zone(invocation)) }
    }
    guard !paths.isEmpty else {
      throw invocation.refuse("no photos; write rollcall enroll PEOPLE_FOLDER, or rollcall enroll PHOTO… --name NAME")
    }
    if let name = invocation[name] {
      let id = invocation[id] ?? name.split(separator: " ").joined(separator: "_")
      return .person(id: id, name: name, groups: invocation[group], paths: paths)
    }
    guard invocation[id] == nil else {
      throw invocation.refuse("--id goes with --name; write rollcall enroll PHOTO… --name NAME --id ID")
    }
    var plan = try refusable(invocation) { try EnrolmentPlan.folders(paths) }
    for index in plan.entries.indices { plan.entries[index].groups = invocation[group] }
    return plan
  }

  /// Reports an error in the plan as a wrong command line.
  private static func refusable(_ invocation: Invocation, _ make: () throws -> EnrolmentPlan) throws -> EnrolmentPlan {
    do {
      return try make()
    } catch let error as PlanError {
      throw invocation.refuse(described(error))
    }
  }

  private static func summary(_ report: EnrolmentReport, refused: Int, seconds: Double) -> String {
    var parts = [
      "enrolled \(report.enrolled) photo\(report.enrolled == 1 ? "" : "s") "
        + "of \(report.people) \(report.people == 1 ? "person" : "people")"
    ]
    if report.skipped > 0 { parts.append("\(report.skipped) already there") }
    if refused > 0 { parts.append("\(refused) refused") }
    let rate = Double(report.lines.count) / max(seconds, 0.001)
    return parts.joined(separator: ", ") + String(format: " (%.1f s, %.1f photos a second)", seconds, rate)
  }

  private static func json(_ report: EnrolmentReport, _ problems: [FileProblem], seconds: Double) -> JSONValue {
    [
      "photos": .int(report.lines.count), "enrolled": .int(report.enrolled), "people": .int(report.people),
      "skipped": .int(report.skipped), "seconds": .double((seconds * 1000).rounded() / 1000),
      "refused": .array(
        problems.map { ["file": .string($0.file), "code": .string($0.code), "reason": .string($0.hintedReason)] }),
    ]
  }
}
