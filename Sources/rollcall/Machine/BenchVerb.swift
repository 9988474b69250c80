import DlibReference
import Faces
import Foundation
import Formats
import Live
import Mask
import Recognize
import Terminal
import Values
import Vision

/// `rollcall bench`
enum BenchVerb: Verb {
  static let path = "bench"

  private static let format = Option(
    "format", .choice(of: PeopleGroup.Format.self), default: .text, help: "how to print")
  private static let rounds = Option(
    "rounds", .integer("N", in: 1...1000), default: 15, help: "how often each side is measured; the medians are printed"
  )
  private static let picture = Option(
    "picture", .text("FILE"),
    help: "the picture with a face to measure on (default: the one that set-up fetched, else a rendered one)")

  private static let only = Option("only", .text("ROW"), help: "measure this row alone, such as encode-16")
  private static let keep = Option(
    "keep", .text("DIR"), help: "write the picture of identify-720p-1 into this folder, to measure other programs on it"
  )

  static let command = Command(
    "bench", summary: "measure Rollcall against dlib on this machine",
    description: """
      Each row times dlib's own code and Rollcall's on the same pictures, turn by turn, and prints the medians in \
      milliseconds and their ratio, which holds on a busy machine where single times do not. dlib's side needs dlib's \
      own model files, which set-up fetches; without them only Rollcall's times are printed.
      """,
    synonyms: ["benchmark", "speed"], options: [format, rounds, picture, only, keep, Common.threads],
    examples: [.init("everything", "rollcall bench"), .init("for a program", "rollcall bench --format json")])

  /// One line of the result.
  struct Row {
    let name: String
    let reference: Double?
    let ours: Double
    let note: String

    var ratio: Double? { reference.map { $0 / ours } }
  }

  static func run(_ invocation: Invocation) throws -> Int32 {
    let networks = Common.networks(invocation, precision: .f32)
    let engine = try FaceEngine(models: Models.find(), options: networks)
    let recognizer = engine.recognizer
    let image = try photo(invocation)
    // One thread, because the figure for masks is stated for one.
    let masks = try MaskClassifier(
      models: Models.find(), options: Common.networks(invocation, precision: .f32, threads: 1))
    let subjects = try Subjects(image, recognizer, masks)
    let stopwatch = Stopwatch(rounds: invocation[rounds])
    let reference = DlibReference.folder()
    if reference == nil {
      Diagnostics.warn("dlib's own models are not here, so there is nothing to compare with; make setup fetches them")
    }

    let wanted = invocation[only]
    func wants(_ names: String...) -> Bool { wanted.map(names.contains) ?? true }
    let bar = ProgressBar("Measuring", total: wanted == nil ? 14 : nil)
    var rows: [Row] = []
    if wants("encode-1", "encode-16") {
      rows += try encoding(recognizer.encoder, subjects, reference, stopwatch) { bar.advance() }
    }
    if wants("detect-640x480", "detect-1280x720") {
      rows += try detecting(recognizer.detector, subjects, reference, stopwatch) { bar.advance() }
    }
    if wants("mask-16") {
      rows.append(try labelling(masks, subjects, reference, stopwatch))
      bar.advance()
    }
    if wants("periocular-16") {
      rows.append(try covered(engine.periocular, recognizer.encoder, subjects, reference, stopwatch))
      bar.advance()
    }
    if let second = engine.second, wants("second-1", "second-16") {
      rows += try encodingAgain(second, recognizer.encoder, subjects, reference, stopwatch)
    }
    for thousands in [10, 100] where wants("search-\(thousands)k-face", "search-\(thousands)k-periocular") {
      rows += try searching(thousands * 1000, ImpostorModels(models: Models.find()), stopwatch)
    }
    bar.advance(by: 2)
    if Network.processorHasBFloat16,
      wants("encode-1-bf16", "encode-16-bf16", "detect-640x480-bf16", "detect-1280x720-bf16")
    {
      let fast = try Recognizer(
        models: Models.find(), options: Common.networks(invocation, precision: .bf16))
      rows += try halves(recognizer, fast, subjects, reference, stopwatch)
    }
    bar.advance(by: 2)
    // Whole jobs run with the arithmetic that is faster here, as they do by default.
    var deployed = engine
    if ["frame-720p-1", "frame-720p-5", "frame-720p-12", "identify-720p-1"].contains(where: { wants($0) }) {
      deployed = try FaceEngine(models: Models.find(), options: Common.networks(invocation, precision: .auto))
      try deployed.prepareForCameras()
    }
    for count in [1, 5, 12] where wants("frame-720p-\(count)") {
      rows.append(try watching(count, image, deployed, reference, stopwatch))
      bar.advance()
    }
    if wants("identify-720p-1") {
      rows.append(try identifying(image, deployed, reference, stopwatch, keep: invocation[keep]))
      bar.advance()
    }
    bar.finish()
    if let wanted {
      rows = rows.filter { $0.name == wanted }
      guard !rows.isEmpty else {
        throw invocation.refuse("there is no row “\(wanted)”; rollcall bench shows all of them")
      }
    }
    try show(rows, invocation[format])
    return 0
  }

  private static func photo(_ invocation: Invocation) throws -> Image {
    if let named = invocation[picture] { return try Photo(decoding: Photo.read(named)).image }
    let fetched = DlibReference.folder()?.deletingLastPathComponent().appendingPathComponent("pictures/astronaut.png")
    if let fetched, let data = try? Photo.read(fetched.path) { return try Photo(decoding: data).image }
    // The work is the same without a face.
    let noise = (0..<(512 * 512 * 3)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    return try Image(rgb: noise, width: 512, height: 512)
  }

  /// The inputs of the measurements.
  struct Subjects {
    let chips: [Chip]
    /// The same faces, as input of the mask classifier.
    let crops: [[UInt8]]
    let frames: [(name: String, image: Image)]

    init(_ image: Image, _ recognizer: Recognizer, _ masks: MaskClassifier) throws {
      let faces = try recognizer.faces(in: image)
      let main = Recognizer.main(of: faces, in: image)
      let place = main?.detection ?? Detection(box: Rect(x: 100, y: 100, width: 200, height: 200), score: 1)
      let landmarks = try main?.landmarks ?? recognizer.aligner.landmarks(in: image, box: place.box)
      // The same face, a little larger each time, so that all chips differ.
      let enlarged = try (0..<16).map { index in
        let larger = try image.resized(width: image.width + index * 8, height: image.height + index * 8)
        let scale = Double(larger.width) / Double(image.width)
        return (image: larger, landmarks: landmarks.scaled(by: scale), head: place.head.scaled(by: scale))
      }
      chips = try enlarged.map { try recognizer.aligner.chip(of: $0.image, $0.landmarks, head: $0.head) }
      crops = try enlarged.map { try masks.geometry.cut($0.image, $0.landmarks) }
      frames = try [(640, 480), (1280, 720)].map { width, height in
        let side = height
        let square = try image.resized(width: side, height: side)
        let frame = try Image.composed(
          width: width, height: height, background: (red: 120, green: 120, blue: 120), [(square, (width - side) / 2, 0)]
        )
        return ("\(width)x\(height)", frame)
      }
    }
  }

  private static func show(_ rows: [Row], _ format: PeopleGroup.Format) throws {
    func rounded(_ value: Double) -> JSONValue { .double((value * 1000).rounded() / 1000) }
    switch format {
    case .json:
      let objects: [JSONValue] = rows.map {
        [
          "name": .string($0.name), "reference_ms": $0.reference.map(rounded) ?? .null, "ours_ms": rounded($0.ours),
          "ratio": $0.ratio.map(rounded) ?? .null, "note": .string($0.note),
        ]
      }
      try Output.standard.line(JSONValue.array(objects).text(pretty: true))
    case .text:
      var table = TextTable([
        .init("what"), .init("dlib ms", .right), .init("Rollcall ms", .right), .init("ratio", .right), .init("note"),
      ])
      for row in rows {
        table.add([
          row.name, row.reference.map { String(format: "%.1f", $0) } ?? "–", String(format: "%.1f", row.ours),
          row.ratio.map { String(format: "%.1f×", $0) } ?? "–", row.note,
        ])
      }
      try Output.standard.write(table.text(width: Output.standard.width, style: Output.standard.style))
    }
  }
}
