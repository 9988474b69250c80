import Attendance
import Enroll
import Foundation
import Formats
import Recognize
import Store
import Terminal
import Vision

/// `rollcall identify`
enum IdentifyVerb: Verb {
  static let path = "identify"

  private static let paths = Positional(many: .text("PATH"), help: "pictures, or folders of pictures")
  private static let format = Option(
    "format", .choice(of: ResultFormat.self), default: .text, help: "how to print the faces")
  private static let annotate = Option(
    "annotate", .text("DIR"), help: "write a copy of each picture with frames and names on it")
  private static let attendance = Option(flag: "attendance", help: "record the sightings in the attendance log")
  private static let largest = Option(flag: "largest", help: "only the main face of each picture")

  static let command = Command(
    "identify", summary: "say who is in pictures",
    description: """
      Prints every face with the enrolled person it shows, or “unknown”: nobody enrolled is near enough for the gallery's size and \
      --fpir. “poor” is a face too small or blurred to tell.

      With --attendance each sighting is recorded once, however often the picture is read. Its time is when the photo was taken (by \
      EXIF, else by the file's date).
      """,
    synonyms: ["recognise", "recognize", "who", "find"],
    positionals: [paths],
    options: [
      format, annotate, attendance, largest, Common.fpir, Common.minimumFace, Common.megapixels, Common.threads,
      Common.precision,
      Common.timeZone,
    ],
    examples: [
      .init("who is in this picture?", "rollcall identify party.jpg"),
      .init(
        "a day's pictures into the log, and copies with names on",
        "rollcall identify door/ --attendance --annotate seen/"),
      .init("for a program: one JSON object per face", "rollcall identify door/*.jpg --format jsonl"),
    ])

  /// One picture, ready to be matched.
  private struct Examined: Sendable {
    let photo: Photo
    let digest: String
    let time: Date
    let faces: [(face: Face, embedding: Embedding)]
  }

  /// A face narrower than this, in pixels, or with less detail, is not called unknown: it might be anybody.
  private static let poorWidth = 36.0
  private static let poorSharpness = 6.0

  static func run(_ invocation: Invocation) throws -> Int32 {
    var finder = PhotoFinder()
    for path in invocation[paths] { finder.add(path) }
    var problems = finder.problems
    for problem in problems { Console.error("\(problem.file): \(problem.reason)") }

    let annotations = try invocation[annotate].map { try AnnotationFolder($0, pictures: finder.files) }
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let people = try KnownPeople(store, fpir: invocation[Common.fpir])
    if people.isEmpty { Console.warn("nobody is enrolled yet; begin with: rollcall enroll --help") }
    let recognizer = try Common.recognizer(
      invocation, precision: invocation[Common.precision].network, threads: invocation[Common.threads])

    let zone = Common.zone(invocation)
    let printer = FacePrinter(format: invocation[format], zone: zone)
    let bar = ProgressBar("Identifying", total: finder.files.count)
    let (limits, detection, onlyMain) = (Common.limits(invocation), Common.detection(invocation), invocation[largest])
    var sightings: [Sighting] = []
    var recorded = 0
    try forEachInOrder(finder.files) { file in
      Result { try examine(file, recognizer, limits: limits, detection: detection, zone: zone, onlyMain: onlyMain) }
    } consume: { file, examined in
      defer { bar.advance(at: (file as NSString).lastPathComponent) }
      let picture: Examined
      switch examined {
      case .success(let found): picture = found
      case .failure(let error):
        let problem = Problem(file: file, code: (error as? PhotoError)?.word ?? "failed", reason: "\(error)")
        problems.append(problem)
        Console.error("\(file): \(problem.reason)")
        return
      }
      let reports = try picture.faces.map {
        FaceReport(file: file, time: picture.time, found: try people.judge($0.face, $0.embedding))
      }
      try printer.add(reports.isEmpty ? [FaceReport(file: file, time: picture.time, found: nil)] : reports)
      try annotations?.write(picture.photo.image.annotated(reports.compactMap(\.label)), for: file)
      if invocation[attendance] {
        sightings += reports.compactMap { $0.sighting(digest: picture.digest) }
        if sightings.count >= 100 {
          recorded += try store.insertSightings(sightings)
          sightings = []
        }
      }
    }
    if !sightings.isEmpty { recorded += try store.insertSightings(sightings) }
    bar.finish()
    try printer.finish()
    if invocation[attendance] { Console.note("\(recorded) new sighting\(recorded == 1 ? "" : "s") in the log") }
    if let annotations { Console.note("annotated pictures are in \(annotations.path)") }
    return problems.isEmpty ? 0 : 1
  }

  private static func examine(
    _ file: String, _ recognizer: Recognizer, limits: PhotoLimits, detection: Detector.Options, zone: TimeZone,
    onlyMain: Bool
  ) throws -> Examined {
    let data = try Photo.read(file, limits: limits)
    let photo = try Photo(decoding: data, limits: limits, timeZone: zone)
    var faces = try recognizer.faces(in: photo.image, options: detection)
    if onlyMain { faces = Recognizer.main(of: faces, in: photo.image).map { [$0] } ?? [] }
    let embeddings = try recognizer.encoder.encode(faces.map(\.chip))
    let modified = try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
    return Examined(
      photo: photo, digest: Digest.sha256(data), time: photo.captured ?? modified ?? Date(),
      faces: zip(faces, embeddings).map { ($0, $1) })
  }

  /// The gallery, with the names to show.
  private struct KnownPeople {
    private let matcher: Matcher
    private let names: [String: String]

    init(_ store: Store, fpir: Double) throws {
      let impostors = try ImpostorModel(models: Models.find())
      var gallery = Gallery()
      var names: [String: String] = [:]
      try store.forEachGalleryEntry(encoder: FaceEncoder.identifier) { entry in
        guard let embedding = Embedding(entry.embedding) else { return }
        gallery.add(impostors.place(embedding), personID: entry.personID)
        names[entry.personID] = entry.name
      }
      self.names = names
      matcher = Matcher(gallery: gallery, impostors: impostors, fpir: fpir)
    }

    var isEmpty: Bool { names.isEmpty }

    func judge(_ face: Face, _ embedding: Embedding) throws -> FaceReport.Found {
      let (status, person): (FaceReport.Status, FaceReport.Person?) =
        switch matcher.identify(embedding) {
        case .known(let id, let confidence):
          (.known, FaceReport.Person(id: id, name: names[id] ?? id, confidence: confidence))
        case .unknown: (try isPoor(face) ? .poor : .unknown, nil)
        }
      return FaceReport.Found(
        box: face.detection.head, score: face.detection.score, status: status, person: person)
    }

    private func isPoor(_ face: Face) throws -> Bool {
      try face.detection.box.width < poorWidth || face.detection.score < 0
        || face.chip.quality().sharpness < poorSharpness
    }
  }
}

/// The folder of annotated copies.
private final class AnnotationFolder {
  let path: String
  private var used: Set<String> = []

  /// - Throws: `Complaint` when a picture lies in the folder itself, where a copy could take its place.
  init(_ path: String, pictures: [String]) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let here = pictures.first {
      URL(fileURLWithPath: $0).deletingLastPathComponent().resolvingSymlinksInPath().path == folder
    }
    if let here { throw Complaint("\(here) lies in the folder for the copies; write --annotate with another folder") }
  }

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
  private let format: ResultFormat
  private let zone: TimeZone
  private var waiting: [FaceReport] = []

  init(format: ResultFormat, zone: TimeZone) {
    self.format = format
    self.zone = zone
  }

  func add(_ reports: [FaceReport]) throws {
    guard format == .jsonl else {
      waiting += reports
      return
    }
    for report in reports { try Output.standard.line(report.json(zone).text()) }
  }

  func finish() throws {
    switch format {
    case .jsonl: return
    case .json: try Output.standard.line(JSONValue.array(waiting.map { $0.json(zone) }).text(pretty: true))
    case .text:
      guard !waiting.isEmpty else { return }
      var table = TextTable([.init("picture"), .init("face", .right), .init("who"), .init("confidence", .right)])
      for report in waiting {
        let box = report.found.map { "\(Int($0.box.width.rounded()))×\(Int($0.box.height.rounded()))" } ?? "–"
        let who = report.found?.person?.name ?? (report.status == .noFace ? "no face" : report.status.rawValue)
        let confidence = report.found?.person?.percent ?? ""
        table.add([(report.file as NSString).lastPathComponent, box, who, confidence])
      }
      try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    }
  }
}

extension FaceReport {
  /// The log's entry for a face; the same picture gives the same one again.
  fileprivate func sighting(digest: String) -> Sighting? {
    guard let found else { return nil }
    let box = Sighting.Box(x: found.box.x, y: found.box.y, width: found.box.width, height: found.box.height)
    let status: Sighting.Status =
      switch found.status {
      case .known: .known
      case .unknown: .unknown
      case .poor, .noFace: .poor
      }
    return Sighting(
      id: SightingID.photo(digest: digest, box: box), time: time, source: .file((file as NSString).lastPathComponent),
      personID: found.person?.id, status: status, method: found.person == nil ? nil : .face,
      confidence: found.person?.confidence, box: box)
  }
}
