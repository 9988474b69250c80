import Enroll
import Foundation
import Formats
import Recognize
import Terminal
import Vision

/// `rollcall evaluate`
enum Evaluate {
  static let format = Option("format", .choice(of: People.Format.self), default: .text, help: "how to print")
  static let root = Option(
    "root", .text("DIR"), default: ".", help: "the folder that paths in the list are relative to")

  static let command = Command(
    "evaluate", summary: "measure how well recognition works on labelled photos",
    description: """
      Evaluation uses the pipeline as it is deployed and counts every failure to find a face as an error. Photos stay where they are and \
      nothing is stored.
      """,
    verbs: [EvaluateVerification.command, EvaluateIdentification.command, EvaluateDetection.command],
    examples: [
      .init(
        "are pairs of photos of one person told from pairs of two?",
        "rollcall evaluate verification --pairs pairs.csv --root photos"),
      .init(
        "are people found in a gallery, and strangers not?",
        "rollcall evaluate identification --enroll gallery --probe door --distractors strangers"),
    ])

  /// A list that an option names.
  static func table(_ file: String, requiring columns: [String]) throws -> CSV.Table {
    do {
      return try CSV.Table(parsing: String(contentsOfFile: file, encoding: .utf8), requiring: columns)
    } catch {
      throw Complaint("\(file): \(error is CSV.Failure ? "\(error)" : error.localizedDescription)")
    }
  }

  /// The embedding of the main face of each photo with the crowding of its place, by path; nil where no face was acquired.
  static func embeddings(_ files: [String], _ recognizer: Recognizer, title: String) throws -> [String:
    PlacedEmbedding?]
  {
    let bar = ProgressBar(title, total: files.count)
    defer { bar.finish() }
    let impostors = try ImpostorModel(models: Models.find())
    var embeddings: [String: PlacedEmbedding?] = [:]
    try forEachInOrder(files) { file -> Result<PlacedEmbedding?, any Error> in
      Result {
        let image = try Photo(decoding: Photo.read(file)).image
        guard let face = Recognizer.main(of: try recognizer.faces(in: image), in: image) else { return nil }
        return try recognizer.encoder.encode([face.chip]).first.map(impostors.place)
      }
    } consume: { file, result in
      switch result {
      case .success(let embedding): embeddings[file] = .some(embedding)
      case .failure(let error):
        Console.warn("\(file): \(error)")
        embeddings[file] = .some(nil)
      }
      bar.advance(at: (file as NSString).lastPathComponent)
    }
    return embeddings
  }

  static func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }

  static func print(_ json: JSONValue, _ lines: [(String, String)], _ format: People.Format) throws {
    switch format {
    case .json: try Output.standard.line(json.text(pretty: true, decimals: 5))
    case .text:
      for (name, value) in lines {
        try Output.standard.line(name.padding(toLength: 26, withPad: " ", startingAt: 0) + value)
      }
    }
  }
}

/// The encoders that `--encoder` can force.
enum EncoderChoice: String, CaseIterable, Sendable {
  case face
}
