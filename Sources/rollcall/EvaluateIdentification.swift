import Enroll
import Evaluation
import Foundation
import Recognize
import Terminal

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
      Prints rank-1, the share of probes whose nearest enrolled person is the right one, and FNIR at an FPIR of 1 %: the share of enrolled \
      probes that are missed with the threshold at which one stranger in a hundred is taken for somebody.
      """,
    options: [enrolled, probes, distractors, Evaluate.format, Common.threads, Common.precision],
    examples: [
      .init(
        "with strangers among the probes",
        "rollcall evaluate identification --enroll gallery --probe door --distractors strangers")
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard let enrolled = invocation[enrolled], let probes = invocation[probes] else {
      throw invocation.refuse("no folders; write --enroll DIR --probe DIR")
    }
    let recognizer = try Common.recognizer(
      invocation, precision: invocation[Common.precision].network, threads: invocation[Common.threads])
    var gallery = Gallery()
    let plan = try folders(enrolled)
    let templates = try Evaluate.embeddings(plan.flatMap(\.photos), recognizer, title: "Enrolling")
    for entry in plan {
      for photo in entry.photos {
        if let embedding = templates[photo] ?? nil { gallery.add(embedding, personID: entry.id) }
      }
    }
    let known = Set(plan.map(\.id))

    var trials: [IdentificationTrial] = []
    func search(_ entries: [EnrolmentPlan.Entry]) throws {
      let embeddings = try Evaluate.embeddings(entries.flatMap(\.photos), recognizer, title: "Searching")
      for entry in entries {
        for photo in entry.photos {
          let match = (embeddings[photo] ?? nil).flatMap { gallery.nearest(to: $0).first }
          let distance = match.map { Double($0.distance) }
          trials.append(
            known.contains(entry.id)
              ? .mated(distance: distance, correct: match?.personID == entry.id) : .distractor(distance: distance))
        }
      }
    }
    try search(folders(probes))
    if let folder = invocation[distractors] {
      var finder = PhotoFinder()
      finder.add(folder)
      for problem in finder.problems { Console.warn("\(problem.file): \(problem.reason)") }
      // A stranger's folder may have any name, also one of the gallery's.
      try search([EnrolmentPlan.Entry(id: "", name: "", photos: finder.files)])
    }

    let result = try Identification(trials)
    var text = [
      ("enrolled", "\(gallery.personCount) people, \(gallery.count) templates"),
      ("probes", "\(result.probes), \(result.distractors) of them of strangers"),
      ("failures to acquire", "\(result.failures)"), ("rank-1", Evaluate.percent(result.rank1.value)),
    ]
    if let point = result.point { text.append(("FNIR at FPIR 0.01", Evaluate.percent(point.misses.value))) }
    try Evaluate.print(result.json, text, invocation[Evaluate.format])
    return 0
  }

  private static func folders(_ path: String) throws -> [EnrolmentPlan.Entry] {
    let plan = try EnrolmentPlan.folders([path])
    for problem in plan.problems { Console.warn("\(problem.file): \(problem.reason)") }
    return plan.entries
  }
}
