import DlibReference
import Enroll
import Foundation
import Formats
import Live
import Mask
import Recognize
import Terminal
import Vision

/// `rollcall bench`
enum BenchVerb: Verb {
  static let path = "bench"

  private static let format = Option("format", .choice(of: People.Format.self), default: .text, help: "how to print")
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
      Each row times dlib's own code and Rollcall's on the same pictures, turn by turn, and prints the medians in milliseconds and their \
      ratio, which holds on a busy machine where single times do not. dlib's side needs dlib's own model files, which set-up fetches; \
      without them only Rollcall's times are printed.
      """,
    synonyms: ["benchmark", "speed"], options: [format, rounds, picture, only, keep, Common.threads],
    examples: [.init("everything", "rollcall bench"), .init("for a program", "rollcall bench --format json")])

  /// One line of the result.
  private struct Row {
    let name: String
    let reference: Double?
    let ours: Double
    let note: String

    var ratio: Double? { reference.map { $0 / ours } }
  }

  static func run(_ invocation: Invocation) throws -> Int32 {
    let threads = invocation[Common.threads]
    let recognizer = try Common.recognizer(invocation, threads: threads)
    let image = try photo(invocation)
    // One thread: that is what the figure for masks is stated for.
    let masks = try MaskClassifier(models: Models.find(), options: Common.networks(invocation, threads: 1))
    let subjects = try Subjects(image, recognizer, masks)
    let stopwatch = Stopwatch(rounds: invocation[rounds])
    let reference = DlibReference.folder()
    if reference == nil {
      Console.warn("dlib's own models are not here, so there is nothing to compare with; make setup fetches them")
    }

    let wanted = invocation[only]
    func wants(_ names: String...) -> Bool { wanted.map(names.contains) ?? true }
    let bar = ProgressBar("Measuring", total: wanted == nil ? 12 : nil)
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
      let periocular = try PeriocularEncoder(
        models: Models.find(), options: Common.networks(invocation, threads: threads))
      rows.append(try covered(periocular, recognizer.encoder, subjects, reference, stopwatch))
      bar.advance()
    }
    if supportsBFloat16, wants("encode-1-bf16", "encode-16-bf16", "detect-640x480-bf16", "detect-1280x720-bf16") {
      let fast = try Common.recognizer(invocation, precision: .bfloat16, threads: threads)
      rows += try halves(recognizer, fast, subjects, reference, stopwatch)
    }
    bar.advance(by: 2)
    let engine = try Engine(models: Models.find(), options: Common.networks(invocation, threads: threads))
    for count in [1, 5, 12] where wants("frame-720p-\(count)") {
      rows.append(try watching(count, image, engine, reference, stopwatch))
      bar.advance()
    }
    if wants("identify-720p-1") {
      rows.append(try identifying(image, engine, reference, stopwatch, keep: invocation[keep]))
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
    // Without a face the work is the same.
    let noise = (0..<(512 * 512 * 3)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    return try Image(rgb: noise, width: 512, height: 512)
  }

  /// What the rows work on.
  private struct Subjects {
    let chips: [Chip]
    /// The same faces as the mask classifier sees them.
    let crops: [[UInt8]]
    let frames: [(name: String, image: Image)]

    init(_ image: Image, _ recognizer: Recognizer, _ masks: MaskClassifier) throws {
      let faces = try recognizer.faces(in: image)
      let landmarks =
        try Recognizer.main(of: faces, in: image)?.landmarks
        ?? recognizer.aligner.landmarks(in: image, box: Rect(x: 100, y: 100, width: 200, height: 200))
      // The same face a little larger each time, so that no two chips are alike.
      let enlarged = try (0..<16).map { index in
        let larger = try image.resized(width: image.width + index * 8, height: image.height + index * 8)
        return (image: larger, landmarks: landmarks.scaled(by: Double(larger.width) / Double(image.width)))
      }
      chips = try enlarged.map { try recognizer.aligner.chip(of: $0.image, $0.landmarks) }
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

  private static func encoding(
    _ encoder: FaceEncoder, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch, advance: () -> Void
  ) throws -> [Row] {
    let dlib = try folder.map { try DlibEncoder(folder: $0) }
    return try [1, 16].map { count in
      defer { advance() }
      let chips = Array(subjects.chips.prefix(count))
      let bytes = chips.flatMap(\.rgb)
      let times = try stopwatch.compare {
        _ = try dlib?.encode(bytes, count: count)
      } ours: {
        _ = try encoder.encode(chips)
      }
      let expected = try dlib?.encode(bytes, count: count)
      let worst = try zip(encoder.encode(chips), expected ?? []).compactMap { ours, theirs in
        Embedding(theirs).map { Double(ours.distance(to: $0)) }
      }.max()
      return Row(
        name: "encode-\(count)", reference: dlib == nil ? nil : times.reference, ours: times.ours,
        note: worst.map { String(format: "f32, embeddings within %.1e of dlib's", $0) } ?? "f32")
    }
  }

  /// The time that work on all faces takes, and dlib's encoder on their chips; nil for that where dlib's networks are not there.
  private static func besideDlib(
    _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch, ours: () throws -> Void
  ) throws -> (reference: Double?, ours: Double) {
    let dlib = try folder.map { try DlibEncoder(folder: $0) }
    let bytes = subjects.chips.flatMap(\.rgb)
    let times = try stopwatch.compare {
      _ = try dlib?.encode(bytes, count: subjects.chips.count)
    } ours: {
      try ours()
    }
    return (dlib == nil ? nil : times.reference, times.ours)
  }

  private static func covered(
    _ periocular: PeriocularEncoder, _ encoder: FaceEncoder, _ subjects: Subjects, _ folder: URL?,
    _ stopwatch: Stopwatch
  ) throws -> Row {
    let times = try besideDlib(subjects, folder, stopwatch) { _ = try periocular.encode(subjects.chips) }
    let share = try stopwatch.compare {
      _ = try encoder.encode(subjects.chips)
    } ours: {
      _ = try periocular.encode(subjects.chips)
    }
    return Row(
      name: "periocular-16", reference: times.reference, ours: times.ours,
      note: String(format: "8-bit, %.2f of the face encoder's time", share.ours / share.reference))
  }

  private static func labelling(
    _ masks: MaskClassifier, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> Row {
    let times = try besideDlib(subjects, folder, stopwatch) { _ = try masks.classify(crops: subjects.crops) }
    return Row(
      name: "mask-16", reference: times.reference, ours: times.ours,
      note: String(
        format: "8-bit, one core, %.2f ms a face; dlib labels no masks: its encoder on the same faces is the reference",
        times.ours / Double(subjects.crops.count)))
  }

  /// As small faces as dlib finds without enlarging the picture.
  private static let asDlib = Detector.Options(minimumFace: 80, maximumPixels: .max)

  private static func detecting(
    _ detector: Detector, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch, advance: () -> Void
  ) throws -> [Row] {
    let dlib = try folder.map { try DlibDetector(folder: $0) }
    return try subjects.frames.map { name, frame in
      defer { advance() }
      func reference() throws -> [DlibDetector.Box] {
        try frame.withPixels { pixels in try dlib?.detect(pixels, width: frame.width, height: frame.height) ?? [] }
      }
      let times = try stopwatch.compare {
        _ = try reference()
      } ours: {
        _ = try detector.detect(in: frame, options: asDlib)
      }
      let theirs = try reference()
      let ours = try detector.detect(in: frame, options: asDlib)
      let found = theirs.filter { box in
        let rect = Rect(x: Double(box.left), y: Double(box.top), width: Double(box.width), height: Double(box.height))
        return ours.contains { $0.box.overlap(rect) >= 0.4 }
      }
      return Row(
        name: "detect-\(name)", reference: dlib == nil ? nil : times.reference, ours: times.ours,
        note: dlib == nil
          ? "f32" : "f32, \(found.count) of dlib's \(theirs.count) faces found, \(ours.count) in all")
    }
  }

  /// The same networks in bfloat16, against dlib and with the angle to f32.
  private static func halves(
    _ exact: Recognizer, _ fast: Recognizer, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> [Row] {
    let dlib = try folder.map { try DlibEncoder(folder: $0) }
    let detector = try folder.map { try DlibDetector(folder: $0) }
    var rows: [Row] = try [1, 16].map { count in
      let chips = Array(subjects.chips.prefix(count))
      let bytes = chips.flatMap(\.rgb)
      let times = try stopwatch.compare {
        _ = try dlib?.encode(bytes, count: count)
      } ours: {
        _ = try fast.encoder.encode(chips)
      }
      let cosine = try zip(exact.encoder.encode(chips), fast.encoder.encode(chips)).map { $0.cosine(to: $1) }.min() ?? 0
      return Row(
        name: "encode-\(count)-bf16", reference: dlib == nil ? nil : times.reference, ours: times.ours,
        note: String(format: "bf16, cosine to f32 at least %.5f", cosine))
    }
    rows += try subjects.frames.map { name, frame in
      let times = try stopwatch.compare {
        _ = try frame.withPixels { pixels in try detector?.detect(pixels, width: frame.width, height: frame.height) }
      } ours: {
        _ = try fast.detector.detect(in: frame, options: asDlib)
      }
      return Row(
        name: "detect-\(name)-bf16", reference: detector == nil ? nil : times.reference, ours: times.ours, note: "bf16")
    }
    return rows
  }

  /// A camera's pictures with so many faces of one enrolled person, looked at as `rollcall live` does.
  private static func watching(
    _ count: Int, _ picture: Image, _ engine: Engine, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> Row {
    let recognizer = engine.recognizer
    let people = CurrentPeople(try known(picture, recognizer))
    // A second of pictures, in which everybody sways.
    let frames = try (0..<25).map { try crowd(of: count, picture, sway: Int(12 * sin(Double($0) * .pi / 12.5))) }
    let watcher = Watcher(engine, people, source: .camera("bench"))
    var time = Date()
    func watch() throws {
      for frame in frames {
        time += 0.04
        _ = try watcher.look(at: frame, time: time)
      }
    }
    let job = try folder.map { try FaceRecognitionJob($0, recognizer.aligner) }
    let times = try stopwatch.compare {
      try job?.look(at: frames[0])
    } ours: {
      try watch()
    }
    let seen = try watcher.look(at: frames[0], time: time + 0.04).faces.count
    return Row(
      name: "frame-720p-\(count)", reference: folder == nil ? nil : times.reference,
      ours: times.ours / Double(frames.count),
      note:
        "f32, \(seen) face\(seen == 1 ? "" : "s") followed; dlib's side is face_recognition's job at its default settings"
    )
  }

  /// One picture from its JPEG to who it shows, alone, as a request to the API is answered.
  private static func identifying(
    _ picture: Image, _ engine: Engine, _ folder: URL?, _ stopwatch: Stopwatch, keep: String?
  ) throws -> Row {
    let people = try known(picture, engine.recognizer)
    let jpeg = try crowd(of: 1, picture, sway: 0).encoded(as: .jpeg)
    if let keep { try jpeg.write(to: URL(fileURLWithPath: keep).appendingPathComponent("identify-720p-1.jpg")) }
    let job = try folder.map { try FaceRecognitionJob($0, engine.recognizer.aligner) }
    var faces = 0
    let times = try stopwatch.compare {
      try job?.look(at: Photo(decoding: jpeg).image)
    } ours: {
      faces = try engine.look(at: Photo(decoding: jpeg).image, people: people).count { $0.status == .known }
    }
    return Row(
      name: "identify-720p-1", reference: folder == nil ? nil : times.reference, ours: times.ours,
      note: "f32, JPEG to name, \(faces) known; dlib's side is face_recognition's job at its default settings")
  }

  /// One person: the main face of a picture.
  private static func known(_ picture: Image, _ recognizer: Recognizer) throws -> KnownPeople {
    let impostors = try ImpostorModels(models: Models.find())
    var gallery = Gallery()
    if let face = Recognizer.main(of: try recognizer.faces(in: picture), in: picture) {
      let bare = try recognizer.encoder.encode([face.chip])[0]
      gallery.add(
        impostors[.face].place(bare), forCovered: impostors[.periocular].template(bare: bare, covered: nil),
        personID: "1")
    }
    return KnownPeople(gallery, names: ["1": "1"], impostors)
  }

  /// What Python's face_recognition does with a picture at its default settings: HOG on the doubled picture, then every face encoded by itself.
  private struct FaceRecognitionJob {
    private let hog: DlibHOGDetector
    private let encoder: DlibEncoder
    private let aligner: Aligner

    init(_ folder: URL, _ aligner: Aligner) throws {
      hog = try DlibHOGDetector()
      encoder = try DlibEncoder(folder: folder)
      self.aligner = aligner
    }

    func look(at image: Image) throws {
      let boxes = try image.withPixels { try hog.detect($0, width: image.width, height: image.height) }
      for box in boxes {
        let rect = Rect(x: Double(box.left), y: Double(box.top), width: Double(box.width), height: Double(box.height))
        let landmarks = try aligner.landmarks(in: image, box: rect)
        _ = try encoder.encode(aligner.chip(of: image, landmarks).rgb, count: 1)
      }
    }
  }

  /// A camera's picture of 1280×720 pixels with so many copies of a picture side by side.
  private static func crowd(of count: Int, _ picture: Image, sway: Int) throws -> Image {
    let columns = count == 1 ? 1 : (count + 1) / 2
    let side = min(360, 1280 / columns) - 24
    let rows = count == 1 ? 1 : 2
    let square = try picture.resized(width: side, height: side)
    let places = (0..<count).map { index in
      (square, 12 + index % columns * (1280 / columns) + sway, 12 + index / columns * (720 / rows) + sway / 2)
    }
    return try Image.composed(width: 1280, height: 720, background: (red: 120, green: 120, blue: 120), places)
  }

  private static var supportsBFloat16: Bool {
    let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16") || flags.contains(" bf16")
  }

  private static func show(_ rows: [Row], _ format: People.Format) throws {
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

/// Times two ways to do the same, turn by turn.
private struct Stopwatch {
  let rounds: Int

  /// The medians, in milliseconds. Each side runs once before anything counts.
  func compare(reference: () throws -> Void, ours: () throws -> Void) throws -> (reference: Double, ours: Double) {
    try reference()
    try ours()
    var times: (reference: [Double], ours: [Double]) = ([], [])
    for _ in 0..<rounds {
      times.reference.append(try time(reference))
      times.ours.append(try time(ours))
    }
    return (times.reference.sorted()[rounds / 2], times.ours.sorted()[rounds / 2])
  }

  private func time(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    return (ContinuousClock.now - start) / .milliseconds(1)
  }
}
