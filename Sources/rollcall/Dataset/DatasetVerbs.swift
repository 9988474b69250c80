import Dataset
import Foundation
import Formats
import Store
import Terminal
import Values
import Vision

/// `rollcall dataset`
enum DatasetGroup {
  static let command = Command(
    "dataset", summary: "keep the labelled photos that the mask classifier learns from",
    synonyms: ["data", "training", "photos"],
    verbs: [
      DatasetImport.command, DatasetList.command, DatasetReviewVerb.command, DatasetExportVerb.command,
      DatasetForget.command,
    ],
    examples: [
      .init("take photos in", "rollcall dataset import masks/ --consent \"Form 7, signed\""),
      .init("which labels look wrong?", "rollcall dataset review --sheet doubtful/"),
      .init("the next training set", "rollcall dataset export training/"),
    ])

  /// Prints each problem on standard error.
  static func report(_ problems: [FileProblem]) {
    for problem in problems { Diagnostics.error(problem.line) }
  }

  static func json(_ problems: [FileProblem]) -> JSONValue {
    .array(problems.map { ["file": .string($0.file), "code": .string($0.code), "reason": .string($0.hintedReason)] })
  }

  static func photos(_ count: Int) -> String { "\(count) photo\(count == 1 ? "" : "s")" }
}

/// `rollcall dataset import`
enum DatasetImport: Verb {
  static let path = "dataset import"

  private static let folder = Positional(
    .text("DIR"), help: "a folder with labels.csv, or with a folder of photos for each class")
  private static let consent = Option(
    "consent", .text("TEXT"), help: "what the people agreed to, where labels.csv does not say it")
  private static let source = Option(
    "source", .text("NAME"), help: "where the photos come from, where labels.csv does not say it (default: DIR's name)")
  private static let share = Option(
    "val", .number("SHARE", in: 0...1), default: 0.1, help: "the share that validates, where labels.csv has no split")
  private static let seed = Option(
    "seed", .integer("N", in: 0...Int.max), default: 1, help: "another seed is another split")

  static let command = Command(
    "import", summary: "take labelled photos in",
    description: """
      labels.csv has the columns file (relative to DIR) and class, and where known source, split (train, val or test), \
      consent and name. Without it, DIR has the folders mask, incorrect, covering and none. no_mask is another word \
      for none.

      No photo is kept without consent. The same photo again is skipped, so a run that was stopped is finished by \
      running it again. Near-duplicates are kept in one split, whatever labels.csv says. Photos that cannot be read \
      are named; the rest is taken.
      """,
    synonyms: ["add", "load"], positionals: [folder],
    options: [consent, source, share, seed, PeopleGroup.format, Common.megapixels],
    examples: [
      .init(
        "a folder per class", "rollcall dataset import masks/ --source \"front door\" --consent \"Form 7, signed\""),
      .init("an earlier export, with its labels.csv", "rollcall dataset import training/"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let plan: ImportPlan
    do {
      plan = try ImportPlan(
        folder: invocation[folder], source: invocation[source], consent: invocation[consent])
    } catch {
      throw invocation.refuse(described(error))
    }
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let importer = DatasetImporter(
      store: store,
      options: .init(
        limits: Common.limits(invocation), validationShare: invocation[share], seed: invocation[seed]))
    let bar = ProgressBar("Importing", total: plan.items.count)
    let report = try importer.run(plan) { bar.advance(at: ($0 as NSString).lastPathComponent) }
    bar.finish()
    DatasetGroup.report(report.problems)
    switch invocation[PeopleGroup.format] {
    case .json:
      let json: JSONValue = [
        "added": .int(report.added), "skipped": .int(report.skipped), "near_duplicates": .int(report.nearDuplicates),
        "moved": .int(report.moved), "problems": DatasetGroup.json(report.problems),
      ]
      try Output.standard.line(json.text(pretty: true))
    case .text:
      var parts = ["imported \(DatasetGroup.photos(report.added))"]
      if report.skipped > 0 { parts.append("\(report.skipped) already there") }
      if report.nearDuplicates > 0 { parts.append("\(report.nearDuplicates) near-duplicates of others") }
      if report.moved > 0 { parts.append("\(report.moved) moved to the split of their near-duplicates") }
      if !report.problems.isEmpty { parts.append("\(report.problems.count) problems") }
      try Output.standard.line(parts.joined(separator: ", "))
    }
    return report.problems.isEmpty ? 0 : 1
  }
}

/// `rollcall dataset list`
enum DatasetList: Verb {
  static let path = "dataset list"
  static let command = Command(
    "list", summary: "count the photos by label, source and split", synonyms: ["ls", "count", "show"],
    options: [PeopleGroup.format],
    examples: [
      .init("what is there?", "rollcall dataset list"), .init("for a program", "rollcall dataset list --format json"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let summary = try DatasetSummary(store)
    let sources = summary.sources.sorted { $0.key < $1.key }
    switch invocation[PeopleGroup.format] {
    case .json:
      guard case .object(let members) = json(summary.all) else { return 0 }
      let list: [JSONValue] = sources.map { name, counts in
        guard case .object(let members) = json(counts) else { return .null }
        return .object([.init("source", .string(name))] + members)
      }
      let all = JSONValue.object(
        members + [.init("clusters", .int(summary.clusters)), .init("sources", .array(list))])
      try Output.standard.line(all.text(pretty: true))
    case .text:
      guard summary.all.photos > 0 else {
        Diagnostics.note("there are no photos yet; begin with: rollcall dataset import --help")
        return 0
      }
      let labels = MaskLabel.classes
      let splits = TrainingPhoto.Split.allCases
      var table = TextTable(
        [.init("source")]
          + (["photos"] + labels.map(\.rawValue) + splits.map(\.rawValue) + ["corrected", "reviewed"])
          .map { .init($0, .right) })
      for (name, counts) in sources + [("all", summary.all)] {
        table.add(
          [name, String(counts.photos)] + labels.map { String(counts.labels[$0] ?? 0) }
            + splits.map { String(counts.splits[$0] ?? 0) } + [String(counts.corrected), String(counts.reviewed)])
      }
      try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    }
    return 0
  }

  private static func json(_ counts: DatasetSummary.Counts) -> JSONValue {
    func object<Key: RawRepresentable<String>>(_ counts: [Key: Int], _ keys: [Key]) -> JSONValue {
      .object(keys.map { .init($0.rawValue, .int(counts[$0] ?? 0)) })
    }
    return [
      "photos": .int(counts.photos), "labels": object(counts.labels, MaskLabel.classes),
      "splits": object(counts.splits, TrainingPhoto.Split.allCases),
      "corrected": .int(counts.corrected), "reviewed": .int(counts.reviewed),
    ]
  }
}

/// `rollcall dataset export`
enum DatasetExportVerb: Verb {
  static let path = "dataset export"
  private static let folder = Positional(.text("DIR"), help: "a new or empty folder, or an earlier export")
  static let command = Command(
    "export", summary: "write the photos and labels.csv, for training or another Rollcall",
    description: """
      Each photo lies in the folder of its class, corrected where somebody corrected it, under its SHA-256. labels.csv \
      has the columns file, class, source, split, consent and name: what import takes. Into an earlier export only \
      what is new is written, and photos that were forgotten or corrected since are removed from where they were. The \
      folder shows people and names them: keep it as you keep the database.
      """,
    synonyms: ["save", "write"], positionals: [folder], options: [PeopleGroup.format],
    examples: [.init("the next training set", "rollcall dataset export training/")])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let export = try DatasetExport(store, to: invocation[folder])
    let bar = ProgressBar("Exporting", total: try store.trainingPhotoCount())
    let report = try export.run { bar.advance() }
    bar.finish()
    DatasetGroup.report(report.problems)
    switch invocation[PeopleGroup.format] {
    case .json:
      let json: JSONValue = [
        "photos": .int(report.photos), "removed": .int(report.removed),
        "problems": DatasetGroup.json(report.problems),
      ]
      try Output.standard.line(json.text(pretty: true))
    case .text:
      let removed = report.removed > 0 ? ", \(report.removed) of an earlier export removed" : ""
      try Output.standard.line(
        "exported \(DatasetGroup.photos(report.photos)) to \(displayable(invocation[folder]))\(removed)")
    }
    return report.problems.isEmpty ? 0 : 1
  }
}

/// `rollcall dataset forget`
enum DatasetForget: Verb {
  static let path = "dataset forget"
  private static let ids = Positional(
    many: .text("ID"), atLeast: 0, help: "IDs of photos, or enough of their beginnings, as review shows them")
  private static let name = Option("name", .text("NAME"), help: "all photos of this person, in any letter case")
  private static let source = Option("source", .text("NAME"), help: "all photos from this source")
  static let command = Command(
    "forget", summary: "remove photos with all that is kept of them, and prove it",
    description: """
      The photo, its label, consent and hash are removed. Then every collection is searched for its ID, and what is \
      left of it is reported: zero. Near-duplicates that stay are named. Exports made before still have the photo \
      until they are exported anew.
      """,
    synonyms: ["delete", "remove", "rm"], positionals: [ids], options: [name, source, PeopleGroup.format],
    examples: [
      .init("one photo", "rollcall dataset forget 3fa9c2e1b0d4"),
      .init("everything of one person", "rollcall dataset forget --name \"Ada Lovelace\""),
      .init("a source that was withdrawn", "rollcall dataset forget --source \"front door\""),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let texts = invocation[ids]
    guard [!texts.isEmpty, invocation[name] != nil, invocation[source] != nil].filter({ $0 }).count == 1 else {
      throw invocation.refuse("say which photos: write IDs, or --name NAME, or --source NAME")
    }
    let store = try Common.openStore(invocation)
    defer { store.close() }
    var failed = false
    var query = Store.TrainingQuery(name: invocation[name], source: invocation[source])
    if !texts.isEmpty {
      var found: [String] = []
      for text in texts {
        do {
          found.append(try store.trainingPhotoID(text))
        } catch let error as DatasetError {
          Diagnostics.error(error.description)
          failed = true
        }
      }
      query.ids = found
    }
    let result = try store.forgetTrainingPhotos(query)
    if texts.isEmpty, result.photos == 0 { Diagnostics.error("the training collection has no such photo") }
    switch invocation[PeopleGroup.format] {
    case .json:
      let json: JSONValue = [
        "photos": .int(result.photos), "chunks": .int(result.chunks), "remaining": .int(result.remaining),
        "near_duplicates": .array(result.nearDuplicates.map(JSONValue.string)),
      ]
      try Output.standard.line(json.text(pretty: true))
    case .text:
      try Output.standard.line(
        "\(DatasetGroup.photos(result.photos)) removed with \(result.chunks) pieces of files, \(result.remaining) "
          + "references left"
      )
    }
    if !result.nearDuplicates.isEmpty {
      let list = result.nearDuplicates.prefix(10).map { $0.prefix(12) }.joined(separator: " ")
      Diagnostics.note(
        "near-duplicates that stay: \(list)\(result.nearDuplicates.count > 10 ? " …" : ""); "
          + "to remove them: rollcall dataset forget ID…"
      )
    }
    return failed || result.photos == 0 || result.remaining > 0 ? 1 : 0
  }
}
