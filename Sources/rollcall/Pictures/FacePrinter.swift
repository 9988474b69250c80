import Formats
import Foundation
import Store
import Terminal
import Values
import Wire

/// Writes faces one by one, or as one table or array at the end.
final class FacePrinter {
  private let question: FaceReport.Question
  private let format: ResultFormat
  private let wire: WireFormat
  private var waiting: [FaceReport] = []

  init(_ question: FaceReport.Question, format: ResultFormat, _ wire: WireFormat) {
    self.question = question
    self.format = format
    self.wire = wire
  }

  func add(_ reports: [FaceReport]) throws {
    guard format == .jsonl else {
      waiting += reports
      return
    }
    for report in reports { try Output.standard.line(wire.json(report, question).text()) }
  }

  func finish() throws {
    switch format {
    case .jsonl: return
    case .json:
      try Output.standard.line(JSONValue.array(waiting.map { wire.json($0, question) }).text(pretty: true))
    case .text:
      guard !waiting.isEmpty else { return }
      try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    }
  }

  private var table: TextTable {
    let who: [TextTable.Column] = question == .identity ? [.init("who"), .init("confidence", .right)] : []
    let sure: [TextTable.Column] = question == .mask ? [.init("probability", .right)] : []
    var table = TextTable([.init("picture"), .init("face", .right)] + who + [.init("mask")] + sure)
    for report in waiting {
      let name = (report.source.name as NSString).lastPathComponent
      guard let face = report.face else {
        table.add([name, "–", "no face"] + (question == .identity ? ["", ""] : [""]))
        continue
      }
      let size = "\(Int(face.box.width.rounded()))×\(Int(face.box.height.rounded()))"
      let person = [
        face.eitherName ?? report.status.rawValue,
        face.identification.map { percent($0.confidence) } ?? "",
      ]
      table.add(
        [name, size] + (question == .identity ? person : []) + [face.mask.label.rawValue]
          + (question == .mask ? [face.mask.percent] : []))
    }
    return table
  }
}
