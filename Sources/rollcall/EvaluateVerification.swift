import Evaluation
import Foundation
import Formats
import Recognize
import Terminal

/// `rollcall evaluate verification`
enum EvaluateVerification: Verb {
  static let path = "evaluate verification"

  private static let pairs = Option(
    "pairs", .text("FILE.csv"), help: "the columns a, b, same (1 or 0) and, where the set has folds, fold")
  private static let encoder = Option(
    "encoder", .choice(of: EncoderChoice.self), help: "force one encoder for every face")
  private static let scores = Option(
    "scores", .text("FILE"),
    help: "write each pair's distance as CSV; distances leak faces, so keep the file to yourself")

  static let command = Command(
    "verification", summary: "tell pairs of one person from pairs of two",
    description: """
      One main face per picture is compared: the largest and most central. Accuracy is the mean over the folds, each decided with the \
      threshold that is best on the others. A picture without a face is a failure to acquire: its pairs count as non-matches.
      """,
    options: [pairs, Evaluate.root, encoder, scores, Evaluate.format, Common.threads, Common.precision],
    examples: [.init("a set with folds", "rollcall evaluate verification --pairs lfw/pairs.csv --root lfw")])

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard let list = invocation[pairs] else { throw invocation.refuse("no pairs; write --pairs FILE.csv") }
    let rows = try Evaluate.table(list, requiring: ["a", "b", "same"]).rows
    let root = invocation[Evaluate.root]
    func path(_ row: CSV.Table.Row, _ column: String) throws -> String { root + "/" + (try row.require(column)) }
    let files = Set(try rows.flatMap { [try path($0, "a"), try path($0, "b")] }).sorted()
    let recognizer = try Common.recognizer(
      invocation, precision: invocation[Common.precision].network, threads: invocation[Common.threads])
    let embeddings = try Evaluate.embeddings(files, recognizer, title: "Comparing")

    var trials: [VerificationTrial] = []
    var lines = [CSV.encode(row: ["a", "b", "same", "fold", "distance"])]
    for row in rows {
      let (a, b) = (embeddings[try path(row, "a")] ?? nil, embeddings[try path(row, "b")] ?? nil)
      let distance: Double? = if let a, let b { Double(a.distance(to: b)) } else { nil }
      let same = ["1", "true", "yes"].contains(try row.require("same").lowercased())
      trials.append(VerificationTrial(distance: distance, same: same, fold: row["fold"].flatMap(Int.init)))
      lines.append(
        CSV.encode(row: [
          row["a"] ?? "", row["b"] ?? "", same ? "1" : "0", row["fold"] ?? "", distance.map { "\($0)" } ?? "",
        ]))
    }
    if let file = invocation[scores] {
      try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: file))
    }
    let result = try Verification(trials)
    var text = [
      ("pairs", "\(result.pairs)"), ("failures to acquire", "\(result.failures)"),
      (
        "accuracy",
        "\(Evaluate.percent(result.accuracy)) ± \(Evaluate.percent(result.accuracyStandardError)) over \(result.folds) folds"
      ),
      ("equal error rate", Evaluate.percent(result.equalErrorRate)),
    ]
    for point in result.points {
      text.append(("TAR at FAR \(point.target)", Evaluate.percent(point.trueAccepts.value)))
    }
    try Evaluate.print(result.json, text, invocation[Evaluate.format])
    return 0
  }
}
