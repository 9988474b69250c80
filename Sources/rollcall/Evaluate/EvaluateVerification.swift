import Evaluation
import Foundation
import Formats
import Recognize
import Terminal
import Values

/// `rollcall evaluate verification`
enum EvaluateVerification: Verb {
  static let path = "evaluate verification"

  private static let pairs = Option(
    "pairs", .text("FILE.csv"), help: "the columns a, b, same (1 or 0) and, where the set has folds, fold")
  private static let grouping = Option(
    "by", .text("COLUMN,…"), help: "columns of the file to compare groups by, such as race,gender,age")
  private static let gallery = Option(
    "gallery", .integer("N", in: 1...10_000_000), default: 100,
    help: "groups are compared at the threshold for a gallery of this size and --fpir")
  private static let scores = Option(
    "scores", .text("FILE"),
    help: "write each pair's distance as CSV; distances leak faces, so keep the file to yourself")

  static let command = Command(
    "verification", summary: "tell pairs of one person from pairs of two",
    description: """
      One main face per picture is compared: the largest and most central. Accuracy is the mean over the folds, each \
      decided with the threshold that is best on the others. A picture without a face is a failure to acquire: its \
      pairs count as non-matches. Distances are in standard deviations from the mean distance of strangers, so that \
      bare and covered faces have one scale.

      The first picture of a pair is the enrolled one, the second the probe: --cover draws masks on the second. A \
      second table shows bare and covered faces apart, and the groups of --by, at the threshold that Rollcall would \
      use at the door.
      """,
    options: [pairs, Evaluate.root, grouping, gallery, Common.fpir, scores, Evaluate.format] + EvaluatedFaces.options,
    examples: [
      .init("a set with folds", "rollcall evaluate verification --pairs lfw/pairs.csv --root lfw"),
      .init(
        "as if all wore masks", "rollcall evaluate verification --pairs lfw/pairs.csv --root lfw --cover patterned,hood"
      ),
    ])

  /// A row of the file with its result.
  private struct ComparedPair {
    let row: CSV.Table.Row
    let trial: VerificationTrial
    /// Whether the two faces are bare or covered, for tables.
    let cover: String
  }

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard let list = invocation[pairs] else { throw invocation.refuse("no pairs; write --pairs FILE.csv") }
    let table = try Evaluate.table(list, requiring: ["a", "b", "same"])
    let columns = try columns(invocation, of: table, in: list)
    let faces = try EvaluatedFaces(invocation)
    let comparisons = try compare(table.rows, root: invocation[Evaluate.root], faces)
    if let file = invocation[scores] { try write(comparisons, to: file) }

    let result = try VerificationEvaluation(comparisons.map(\.trial))
    var text = [
      ("pairs", "\(result.pairs)"), ("failures to acquire", "\(result.failures)"),
      (
        "accuracy",
        "\(Evaluate.percent(result.accuracy)) ± \(Evaluate.percent(result.accuracyStandardError)) over "
          + "\(result.folds) folds"
      ),
      ("equal error rate", Evaluate.percent(result.equalErrorRate)),
    ]
    for point in result.points {
      text.append(("TAR at FAR \(point.target)", Evaluate.percent(point.trueAccepts.value)))
    }
    // A threshold in standard deviations is the same for all models.
    let model = faces.impostors[.face].toBare
    let threshold = model.deviations(
      at: model.threshold(gallery: invocation[gallery], fpir: invocation[Common.fpir]))
    let groups =
      [("cover", comparisons.map { ($0.cover, $0.trial) })]
      + columns.map { column in (column, comparisons.map { ($0.row[column] ?? "–", $0.trial) }) }
    let figures = groups.map { ($0.0, VerificationEvaluation.groups($0.1, threshold: threshold)) }
    try Evaluate.print(
      json(result, figures), text, tables: figures.map(Self.table), invocation[Evaluate.format])
    return 0
  }

  private static func columns(_ invocation: Invocation, of table: CSV.Table, in file: String) throws -> [String] {
    let columns = (invocation[grouping] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let there = table.header.map { $0.lowercased() }
    if let missing = columns.first(where: { !there.contains($0.lowercased()) }) {
      throw Complaint("\(file) has no column “\(missing)”; it has \(table.header.joined(separator: ", "))")
    }
    return columns
  }

  private static func compare(_ rows: [CSV.Table.Row], root: String, _ faces: EvaluatedFaces) throws -> [ComparedPair] {
    let shots = try rows.map { row in
      (
        a: faces.enrolled(root + "/" + (try row.require("a"))),
        b: faces.probe(root + "/" + (try row.require("b")))
      )
    }
    let all = Set(shots.flatMap { [$0.a, $0.b] }).sorted { $0.file < $1.file }
    let found = try faces.faces(all, title: "Comparing")
    return try zip(rows, shots).map { row, shot in
      let (a, b) = (found[shot.a] ?? nil, found[shot.b] ?? nil)
      let distance: Double? = if let a, let b { faces.distance(a, b) } else { nil }
      let same = ["1", "true", "yes"].contains(try row.require("same").lowercased())
      return ComparedPair(
        row: row, trial: VerificationTrial(distance: distance, same: same, fold: row["fold"].flatMap(Int.init)),
        cover: "\(a?.cover ?? "no face"), \(b?.cover ?? "no face")")
    }
  }

  private static func write(_ comparisons: [ComparedPair], to file: String) throws {
    let header = CSV.encode(row: ["a", "b", "same", "fold", "distance"])
    let lines = comparisons.map { comparison in
      CSV.encode(row: [
        comparison.row["a"] ?? "", comparison.row["b"] ?? "", comparison.trial.same ? "1" : "0",
        comparison.row["fold"] ?? "", comparison.trial.distance.map { "\($0)" } ?? "",
      ])
    }
    try Data(([header] + lines).joined().utf8).write(to: URL(fileURLWithPath: file))
  }

  private static func json(_ result: VerificationEvaluation, _ groups: [(String, [VerificationEvaluation.Group])])
    -> JSONValue
  {
    guard case .object(var members) = result.json else { return result.json }
    members.append(
      .init(
        "by",
        .object(groups.map { name, groups in .init(name, .object(groups.map { .init($0.name, $0.json) })) })))
    return .object(members)
  }

  private static func table(_ name: String, _ groups: [VerificationEvaluation.Group]) -> TextTable {
    var table = TextTable([
      .init(name), .init("pairs", .right), .init("failures", .right), .init("true accepts", .right),
      .init("false accepts", .right),
    ])
    for group in groups {
      table.add([
        group.name, "\(group.pairs)", "\(group.failures)", group.trueAccepts.map { Evaluate.percent($0.value) } ?? "–",
        group.falseAccepts.map { Evaluate.percent($0.value) } ?? "–",
      ])
    }
    return table
  }
}
