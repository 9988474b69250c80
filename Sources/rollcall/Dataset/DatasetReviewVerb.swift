import Dataset
import Foundation
import Formats
import Mask
import Recognize
import Store
import Terminal
import Values
import Vision

/// `rollcall dataset review`
enum DatasetReviewVerb: Verb {
  static let path = "dataset review"

  private static let limit = Option(
    "limit", .integer("N", in: 1...Int.max), default: 30, help: "how many photos to show, the most doubtful first")
  private static let sheet = Option(
    "sheet", .text("DIR"),
    help: "write the photos, contact sheets and review.csv to fill in, into a new folder")
  private static let label = Option(
    "label", .choice(of: MaskLabel.classes), help: "only photos with this label")
  private static let source = Option("source", .text("NAME"), help: "only photos from this source")
  private static let split = Option("split", .choice(of: TrainingPhoto.Split.self), help: "only photos of this split")
  private static let again = Option(flag: "again", help: "also photos that somebody has corrected or confirmed")
  private static let correct = Option(
    many: "correct", .text("ID=LABEL"), help: "the right label of a photo; the label it has confirms it")
  private static let accept = Option(
    "accept", .text("FILE.csv"), help: "right labels as a list: review.csv with its column correct filled in")
  private static let name = Option("by", .text("NAME"), help: "who says so, with --correct and --accept")
  private static let reason = Option(
    "reason", .text("TEXT"), help: "why, with --correct, and with --accept where the list's column reason is empty")

  static let command = Command(
    "review", summary: "find labels that look wrong, and set them right",
    description: """
      Shows the photos of which the classifier says something else than their label, those it is surest of first. With \
      --correct or --accept it takes right labels instead. They are kept with name, reason and day beside the label \
      that the photo came with; exports have the corrected one. A photo that somebody has corrected or confirmed is \
      not shown again.
      """,
    synonyms: ["check", "correct", "doubt"],
    options: [
      limit, sheet, label, source, split, again, correct, accept, name, reason, PeopleGroup.format, Common.threads,
      Common.precision,
    ],
    examples: [
      .init("the 30 most doubtful labels", "rollcall dataset review"),
      .init("to look at, with a list to fill in", "rollcall dataset review --limit 200 --sheet doubtful/"),
      .init(
        "one label", "rollcall dataset review --correct 3fa9c2e1b0d4=none --by Ann --reason \"a beard\""),
      .init(
        "the list, filled in", "rollcall dataset review --accept doubtful/review.csv --by Ann --reason \"looked at it\""
      ),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    if !invocation[correct].isEmpty || invocation[accept] != nil { return try takeCorrections(invocation) }
    guard invocation[name] == nil, invocation[reason] == nil else {
      throw invocation.refuse("--by and --reason go with --correct ID=LABEL or --accept FILE.csv")
    }
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let folder = try invocation[sheet].map { try ReviewFolder($0) }
    let (models, networks) = (try Models.find(), Common.networks(invocation))
    let review = DatasetReview(
      store, recognizer: try Recognizer(models: models, options: networks),
      classifier: try MaskClassifier(models: models, options: networks))
    let query = Store.TrainingQuery(
      source: invocation[source], label: invocation[label], split: invocation[split])
    let bar = ProgressBar("Looking at photos", total: try store.trainingPhotoCount(query))
    let report = try review.run(query, again: invocation[again], limit: invocation[limit]) { _ in bar.advance() }
    bar.finish()
    try folder?.write(report.disagreements, from: store)
    try show(report, invocation[PeopleGroup.format])

    let missing = report.problems.filter { $0.code != "no-face" }
    DatasetGroup.report(missing)
    let faceless = report.problems.count - missing.count
    if faceless > 0 {
      Diagnostics.note("no face is found in \(DatasetGroup.photos(faceless)), so nothing is said of them")
    }
    Diagnostics.note(
      "\(report.disagreeing) of \(DatasetGroup.photos(report.photos)) are labelled otherwise than the classifier says")
    if let path = invocation[sheet] {
      Diagnostics.note(
        "look at the sheets in \(path), fill in the column correct of review.csv, then: rollcall dataset review "
          + "--accept \(path)/review.csv --by NAME --reason TEXT"
      )
    }
    return missing.isEmpty ? 0 : 1
  }

  private static func show(_ report: ReviewReport, _ format: PeopleGroup.Format) throws {
    switch format {
    case .json:
      let list = report.disagreements.map { item -> JSONValue in
        [
          "id": .string(item.photo.id), "label": .string(item.photo.current.rawValue),
          "likeliest": .string(item.status.likeliest.rawValue),
          "probabilities": .object(MaskLabel.classes.map { .init($0.rawValue, .double(item.status[$0])) }),
          "source": .string(item.photo.source), "split": .string(item.photo.split.rawValue),
          "file": .string(item.photo.file),
        ]
      }
      try Output.standard.line(JSONValue.array(list).text(pretty: true, decimals: 4))
    case .text:
      guard !report.disagreements.isEmpty else { return }
      var table = TextTable(
        [.init("id"), .init("label"), .init("likeliest")] + MaskLabel.classes.map { .init($0.rawValue, .right) }
          + [.init("source"), .init("file")])
      for item in report.disagreements {
        table.add(
          [String(item.photo.id.prefix(12)), item.photo.current.rawValue, item.status.likeliest.rawValue]
            + MaskLabel.classes.map { "\(min(99, Int((item.status[$0] * 100).rounded()))) %" }
            + [item.photo.source, item.photo.file])
      }
      try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    }
  }

  private static func takeCorrections(_ invocation: Invocation) throws -> Int32 {
    guard let name = invocation[name] else {
      throw invocation.refuse("a correction says who made it: add --by NAME")
    }
    let given = try invocation[correct].map { text in
      let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let label = MaskLabel(word: parts[1]) else {
        throw invocation.refuse(
          "--correct: “\(text)” is no correction; write ID=LABEL with mask, incorrect, covering or none")
      }
      guard let reason = invocation[reason] else {
        throw invocation.refuse("a correction says why: add --reason TEXT")
      }
      return (id: parts[0], correction: TrainingPhoto.Correction(label: label, by: name, reason: reason))
    }
    let store = try Common.openStore(invocation)
    defer { store.close() }
    var corrections = Corrections()
    var problems = 0
    for (id, correction) in given {
      do {
        try corrections.add(id, correction, in: store)
      } catch let error as DatasetError {
        Diagnostics.error(error.description)
        problems += 1
      }
    }
    if let file = invocation[accept] {
      try corrections.add(list: file, by: name, reason: invocation[reason], in: store)
      DatasetGroup.report(corrections.problems)
      problems += corrections.problems.count
    }
    let changed = try corrections.apply(to: store)
    let confirmed = corrections.entries.count - changed
    switch invocation[PeopleGroup.format] {
    case .json:
      let json: JSONValue = ["corrected": .int(changed), "confirmed": .int(confirmed), "problems": .int(problems)]
      try Output.standard.line(json.text())
    case .text: try Output.standard.line("\(changed) label\(changed == 1 ? "" : "s") corrected, \(confirmed) confirmed")
    }
    return problems == 0 ? 0 : 1
  }
}
