import Enroll
import Evaluation
import Foundation
import Recognize
import Terminal
import Vision

/// `rollcall evaluate identification`
enum EvaluateIdentification: Verb {
  static let path = "evaluate identification"

  private static let enrolled = Option("enroll", .text("DIR"), help: "the gallery: one folder of photos per person")
  private static let probes = Option(
    "probe", .text("DIR"), help: "other photos of the same people, in folders of the same names")
  private static let distractors = Option(
    "distractors", .text("DIR"), help: "photos of people who are not in the gallery")

  static let command = Command(
    "identification", summary: "find people in a gallery, and strangers not",
    description: """
      Prints rank-1, the share of probes whose nearest enrolled person is the right one, and FNIR at an FPIR of 1 %: \
      the share of enrolled probes that are missed with the threshold at which one stranger in a hundred is taken for \
      somebody. Then both at the threshold that Rollcall derives from the gallery's size and --fpir: what was asked \
      for, and what was measured.
      """,
    options: [enrolled, probes, distractors, Common.fpir, Evaluate.format] + EvaluatedFaces.options,
    examples: [
      .init(
        "with strangers among the probes",
        "rollcall evaluate identification --enroll gallery --probe door --distractors strangers")
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard let enrolled = invocation[enrolled], let probes = invocation[probes] else {
      throw invocation.refuse("no folders; write --enroll DIR --probe DIR")
    }
    let faces = try EvaluatedFaces(invocation)
    var gallery = Gallery()
    let plan = try folders(enrolled)
    let templates = try faces.faces(plan.flatMap(\.photos).map(faces.enrolled), title: "Enrolling")
    for entry in plan {
      for photo in entry.photos {
        guard let face = templates[faces.enrolled(photo)] ?? nil else { continue }
        gallery.add(face.template, personID: entry.id)
      }
    }
    let known = Set(plan.map(\.id))
    let matcher = Matcher(gallery: gallery, impostors: faces.impostors, fpir: invocation[Common.fpir])

    var trials: [IdentificationTrial] = []
    func search(_ entries: [EnrolmentPlan.Entry]) throws {
      let found = try faces.faces(entries.flatMap(\.photos).map(faces.probe), title: "Searching")
      for entry in entries {
        for photo in entry.photos {
          let face = found[faces.probe(photo)] ?? nil
          let match = face.flatMap { faces.search(gallery, for: $0) }
          let named = face.map { matcher.identify($0.probes) != nil } ?? false
          trials.append(
            known.contains(entry.id)
              ? .mated(distance: match?.distance, correct: match?.personID == entry.id, named: named)
              : .distractor(distance: match?.distance, named: named))
        }
      }
    }
    try search(folders(probes))
    if let folder = invocation[distractors] {
      var finder = PhotoFinder()
      finder.add(folder)
      for problem in finder.problems { Diagnostics.warn(problem.line) }
      // The folder of a stranger may have any name, even the name of an enrolled person.
      try search([EnrolmentPlan.Entry(id: "", name: "", photos: finder.files)])
    }

    let result = try IdentificationEvaluation(trials)
    var text = [
      ("enrolled", "\(gallery.personCount) people, \(gallery.count) templates"),
      ("probes", "\(result.probes), \(result.distractors) of them of strangers"),
      ("failures to acquire", "\(result.failures)"), ("rank-1", Evaluate.percent(result.rank1.value)),
    ]
    if let point = result.point { text.append(("FNIR at FPIR 0.01", Evaluate.percent(point.misses.value))) }
    text.append(("FNIR as deployed", Evaluate.percent(result.deployedMisses.value)))
    if let share = result.deployedFalsePositives {
      text.append(
        ("FPIR as deployed", "\(Evaluate.percent(share.value)), asked \(Evaluate.percent(invocation[Common.fpir]))"))
    }
    try Evaluate.print(result.json, text, invocation[Evaluate.format])
    return 0
  }

  private static func folders(_ path: String) throws -> [EnrolmentPlan.Entry] {
    let plan = try EnrolmentPlan.folders([path])
    for problem in plan.problems { Diagnostics.warn(problem.line) }
    return plan.entries
  }
}
