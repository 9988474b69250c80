import Faces
import Foundation
import Formats
import Recognize
import Store
import Terminal
import Values
import Vision
import Wire

/// The part that `identify` and `mask` share: it processes pictures, reports every face, and writes annotated copies.
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
    let faces: [LabelledFace]
  }

  private let finder: FaceFinder
  private let question: FaceReport.Question
  private let title: String
  private let limits: PhotoLimits
  private let detection: Detector.Options
  private let onlyMain: Bool
  private let zone: TimeZone
  private let files: [String]
  private var problems: [FileProblem]
  private let annotations: CopyFolder?
  private let printer: FacePrinter

  /// - Parameters:
  ///   - question: The question about the faces.
  ///   - finder: Finds the faces.
  ///   - title: The title of the progress bar.
  init(_ invocation: Invocation, _ question: FaceReport.Question, _ finder: FaceFinder, title: String) throws {
    self.finder = finder
    self.question = question
    self.title = title
    var finder = PhotoFinder()
    for path in invocation[Self.paths] { finder.add(path) }
    (files, problems) = (finder.files, finder.problems)
    for problem in problems { Diagnostics.error(problem.line) }
    annotations = try CopyFolder(invocation, Self.annotate, pictures: finder.files)

    limits = Common.limits(invocation)
    detection = Common.detection(invocation)
    onlyMain = invocation[Self.largest]
    zone = Common.zone(invocation)
    printer = FacePrinter(question, format: invocation[Self.format], WireFormat(timeZone: zone))
  }

  /// The folder of copies for another option of the verb.
  func copies(_ invocation: Invocation, _ option: Option<String?>) throws -> CopyFolder? {
    let folder = try CopyFolder(invocation, option, pictures: files)
    if let folder, folder.isSame(as: annotations) {
      throw invocation.refuse(
        "--\(option.name) and --annotate name one folder; give each a folder of its own")
    }
    return folder
  }

  /// Processes the pictures in their order. A picture that cannot be used is reported, and the others are processed.
  ///
  /// - Parameters:
  ///   - find: Computes more about a picture. It runs on several threads.
  ///   - judge: Returns the results for the faces of a picture. An error that it throws ends the run.
  func forEach<Finding: Sendable>(
    find: @escaping @Sendable (Picture) throws -> Finding, judge: (Picture, Finding) throws -> [IdentifiedFace]
  ) throws {
    let bar = ProgressBar(title, total: files.count)
    let (limits, zone, detection, onlyMain) = (limits, zone, detection, onlyMain)
    let finder = finder
    try forEachInOrder(files) { file in
      Result {
        let data = try Photo.read(file, limits: limits)
        let photo = try Photo(decoding: data, limits: limits, timeZone: zone)
        let faces = try finder.faces(in: photo.image, detection: detection, onlyMain: onlyMain)
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
        let problem = FileProblem(file: file, code: (error as? PhotoError)?.word ?? "failed", reason: "\(error)")
        problems.append(problem)
        Diagnostics.error(problem.line)
      case .success(let (picture, finding)):
        let reports = try judge(picture, finding).map { FaceReport(source: .file(file), time: picture.time, face: $0) }
        try printer.add(reports.isEmpty ? [FaceReport(source: .file(file), time: picture.time, face: nil)] : reports)
        try annotations?.write(picture.image.annotated(reports.compactMap { $0.face?.label(question) }), for: file)
      }
    }
    bar.finish()
  }

  /// Prints the remaining results.
  ///
  /// - Returns: The exit status.
  func finish() throws -> Int32 {
    try printer.finish()
    if let annotations { Diagnostics.note("annotated pictures are in \(annotations.path)") }
    return problems.isEmpty ? 0 : 1
  }
}
