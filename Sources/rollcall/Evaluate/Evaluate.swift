import Foundation
import Formats
import Terminal

/// `rollcall evaluate`
enum Evaluate {
  static let format = Option("format", .choice(of: PeopleGroup.Format.self), default: .text, help: "how to print")
  static let root = Option(
    "root", .text("DIR"), default: ".", help: "the folder that paths in the list are relative to")

  static let command = Command(
    "evaluate", summary: "measure how well recognition works on labelled photos",
    description: """
      Evaluation uses the pipeline as it is deployed and counts every failure to find a face as an error. Photos stay \
      where they are and nothing is stored.
      """,
    verbs: [
      EvaluateVerification.command, EvaluateIdentification.command, EvaluateDetection.command, EvaluateMask.command,
    ],
    examples: [
      .init(
        "are pairs of photos of one person told from pairs of two?",
        "rollcall evaluate verification --pairs pairs.csv --root photos"),
      .init(
        "are people found in a gallery, and strangers not?",
        "rollcall evaluate identification --enroll gallery --probe door --distractors strangers"),
      .init(
        "are masks told, and worn well? with a report to look at",
        "rollcall evaluate mask --labels labels.csv --root photos --report report"),
    ])

  /// Reads a CSV file that an option names.
  ///
  /// - Parameter skip: Receives rows that cannot be read; nil makes such a row an error.
  static func table(_ file: String, requiring columns: [String], skip: ((CSV.Failure) -> Void)? = nil) throws
    -> CSV.Table
  {
    do {
      return try CSV.Table(parsing: String(contentsOfFile: file, encoding: .utf8), requiring: columns, skip: skip)
    } catch {
      throw Complaint("\(file): \(error is CSV.Failure ? "\(error)" : error.localizedDescription)")
    }
  }

  static func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }

  /// - Parameter tables: Printed below the lines.
  static func print(
    _ json: JSONValue, _ lines: [(String, String)], tables: [TextTable] = [], _ format: PeopleGroup.Format
  ) throws {
    let output = Output.standard
    switch format {
    case .json: try output.line(json.text(pretty: true, decimals: 5))
    case .text:
      for (name, value) in lines {
        try output.line(name.padding(toLength: 26, withPad: " ", startingAt: 0) + value)
      }
      for table in tables { try output.write("\n" + table.text(width: output.width, style: output.style)) }
    }
  }
}
