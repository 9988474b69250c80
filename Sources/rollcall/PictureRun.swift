import Enroll
import Foundation
import Formats
import Live
import Mask
import Recognize
import Terminal
import Vision

/// What `identify` and `mask` have in common: they go over pictures, say something of every face, and draw it on copies.
final class PictureRun {
  static let paths = Positional(many: .text("PATH"), help: "pictures, or folders of pictures")
  private static let format = Option(
    "format", .choice(of: ResultFormat.self), default: .text, help: "how to print the faces")
  static let annotate = Option(
    "annotate", .text("DIR"), help: "write a copy of each picture with frames and words on it")
  private static let largest = Option(flag: "largest", help: "only the main face of each picture")
  static let options: [any AnyOption] = [
    format, annotate, largest, Common.minimumFace, Common.megapixels, Common.threads, Common.precision, Common.timeZone,
  ]

  /// One picture with its faces.
  struct Picture: Sendable {
    let file: String
    let image: Image
    let digest: String
    let time: Date
    let faces: [SeenFace]
  }

  let recognizer: Recognizer
  let masks: MaskClassifier
  private let question: FaceReport.Question
  private let title: String
  private let limits: PhotoLimits
  private let detection: Detector.Options
  private let onlyMain: Bool
  private let zone: TimeZone
  private let files: [String]
  private var problems: [Problem]
  private let annotations: CopyFolder?
  private let printer: FacePrinter

  /// - Parameters:
  ///   - question: What is asked about the faces.
  ///   - title: What the progress bar says is being done.
  init(_ invocation: Invocation, _ question: FaceReport.Question, title: String) throws {
    self.question = question
    self.title = title
    var finder = PhotoFinder()
    for path in invocation[Self.paths] { finder.add(path) }
    (files, problems) = (finder.files, finder.problems)
    for problem in problems { Console.error("\(problem.file): \(problem.reason)") }
    annotations = try CopyFolder(invocation, Self.annotate, pictures: finder.files)

    let networks = Common.networks(
      invocation, precision: invocation[Common.precision].network, threads: invocation[Common.threads])
    recognizer = try Recognizer(models: Models.find(), options: networks)
    masks = try MaskClassifier(models: Models.find(), options: networks)
    limits = Common.limits(invocation)
    detection = Common.detection(invocation)
    onlyMain = invocation[Self.largest]
    zone = Common.zone(invocation)
    printer = FacePrinter(question, format: invocation[Self.format], zone: zone)
  }

  /// The folder of copies that another option of the verb names.
  func copies(_ invocation: Invocation, _ option: Option<String?>) throws -> CopyFolder? {
    let folder = try CopyFolder(invocation, option, pictures: files)
    if let folder, folder.isSame(as: annotations) {
      throw invocation.refuse(
        "--\(option.name) and --annotate name one folder; give each a folder of its own")
    }
    return folder
  }

  /// Goes over the pictures in their order. A picture that cannot be used is named, and the others go on.
  ///
  /// - Parameters:
  ///   - find: What else to find out of a picture. Runs on several threads.
  ///   - judge: What to say of the picture's faces. What it throws ends the run.
  func forEach<Finding: Sendable>(
    find: @escaping @Sendable (Picture) throws -> Finding, judge: (Picture, Finding) throws -> [FaceReport.Found]
  ) throws {
    let bar = ProgressBar(title, total: files.count)
    let (limits, zone, detection, onlyMain) = (limits, zone, detection, onlyMain)
    let (recognizer, masks) = (recognizer, masks)
    try forEachInOrder(files) { file in
      Result {
        let data = try Photo.read(file, limits: limits)
        let photo = try Photo(decoding: data, limits: limits, timeZone: zone)
        let faces = try SeenFace.all(in: photo.image, recognizer, masks, detection: detection, onlyMain: onlyMain)
        let modified = try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
        let picture = Picture(
          file: file, image: photo.image, digest: Digest.sha256(data), time: photo.captured ?? modified ?? Date(),
          faces: faces)
        return (picture, try find(picture))
      }
    } consume: { file, result in
      defer { bar.advance(at: (file as NSString).lastPathComponent) }
      switch result {
      case .failure(let error):
        let problem = Problem(file: file, code: (error as? PhotoError)?.word ?? "failed", reason: "\(error)")
        problems.append(problem)
        Console.error("\(file): \(problem.reason)")
      case .success(let (picture, finding)):
        let reports = try judge(picture, finding).map { FaceReport(source: .file(file), time: picture.time, found: $0) }
        try printer.add(reports.isEmpty ? [FaceReport(source: .file(file), time: picture.time, found: nil)] : reports)
        try annotations?.write(picture.image.annotated(reports.compactMap { $0.label(question) }), for: file)
      }
    }
    bar.finish()
  }

  /// Prints what waits to be printed. Returns what the program exits with.
  func finish() throws -> Int32 {
    try printer.finish()
    if let annotations { Console.note("annotated pictures are in \(annotations.path)") }
    return problems.isEmpty ? 0 : 1
  }
}

/// A folder of copies that are drawn on.
final class CopyFolder {
  let path: String
  private let resolved: String
  private var used: Set<String> = []

  /// The folder that an option names; nil without the option.
  ///
  /// - Throws: `Complaint` when a picture lies in the folder itself, where a copy could take its place.
  init?(_ invocation: Invocation, _ option: Option<String?>, pictures: [String]) throws {
    guard let path = invocation[option] else { return nil }
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    resolved = folder
    let here = pictures.first {
      URL(fileURLWithPath: $0).deletingLastPathComponent().resolvingSymlinksInPath().path == folder
    }
    if let here {
      throw Complaint("\(here) lies in the folder for the copies; write --\(option.name) with another folder")
    }
  }

  func isSame(as other: CopyFolder?) -> Bool { resolved == other?.resolved }

  /// Writes a copy under the picture's own name; the second of a name, from another folder, gets a number.
  func write(_ image: Image, for file: String) throws {
    let base = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    var name = base + ".jpg"
    var number = 2
    while !used.insert(name).inserted {
      name = "\(base)-\(number).jpg"
      number += 1
    }
    try image.encoded(as: .jpeg).write(to: URL(fileURLWithPath: path).appendingPathComponent(name))
  }
}

/// Writes faces as they come, or as one table or array at the end.
private final class FacePrinter {
  private let question: FaceReport.Question
  private let format: ResultFormat
  private let zone: TimeZone
  private var waiting: [FaceReport] = []

  init(_ question: FaceReport.Question, format: ResultFormat, zone: TimeZone) {
    self.question = question
    self.format = format
    self.zone = zone
  }

  func add(_ reports: [FaceReport]) throws {
    guard format == .jsonl else {
      waiting += reports
      return
    }
    for report in reports { try Output.standard.line(report.json(question, zone).text()) }
  }

  func finish() throws {
    switch format {
    case .jsonl: return
    case .json:
      try Output.standard.line(JSONValue.array(waiting.map { $0.json(question, zone) }).text(pretty: true))
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
      guard let found = report.found else {
        table.add([name, "–", "no face"] + (question == .identity ? ["", ""] : [""]))
        continue
      }
      let size = "\(Int(found.box.width.rounded()))×\(Int(found.box.height.rounded()))"
      let person = [
        found.person?.name ?? report.status.rawValue, found.person.map { FaceReport.percent($0.confidence) } ?? "",
      ]
      table.add(
        [name, size] + (question == .identity ? person : []) + [found.mask.word]
          + (question == .mask ? [found.mask.percent] : []))
    }
    return table
  }
}
