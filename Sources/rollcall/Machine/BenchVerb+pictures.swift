import DlibReference
import Faces
import Foundation
import Live
import Recognize
import Store
import Values
import Vision

/// The rows that measure whole pictures.
extension BenchVerb {
  /// Processes pictures of a camera with `count` faces of one enrolled person, as `rollcall live` does.
  static func watching(
    _ count: Int, _ picture: Image, _ engine: FaceEngine, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> Row {
    let recognizer = engine.recognizer
    let roster = SharedRoster(try known(picture, recognizer))
    // One second of pictures in which all faces sway.
    let frames = try (0..<25).map { try crowd(of: count, picture, sway: Int(12 * sin(Double($0) * .pi / 12.5))) }
    let tracker = Tracker(engine, roster, source: .camera("bench"))
    var time = Date()
    func watch() throws {
      for frame in frames {
        time += 0.04
        _ = try tracker.look(at: frame, time: time)
      }
    }
    let job = try folder.map { try FaceRecognitionJob($0, recognizer.aligner) }
    let times = try stopwatch.compare {
      try job?.look(at: frames[0])
    } ours: {
      try watch()
    }
    let seen = try tracker.look(at: frames[0], time: time + 0.04).faces.count
    return Row(
      name: "frame-720p-\(count)", reference: folder == nil ? nil : times.reference,
      ours: times.ours / Double(frames.count),
      note:
        "\(seen) face\(seen == 1 ? "" : "s") followed; "
        + "dlib's side is face_recognition's job at its default settings"
    )
  }

  /// Identifies the face in one JPEG, alone, as a request to the API does.
  static func identifying(
    _ picture: Image, _ engine: FaceEngine, _ folder: URL?, _ stopwatch: Stopwatch, keep: String?
  ) throws -> Row {
    let roster = try known(picture, engine.recognizer)
    let jpeg = try crowd(of: 1, picture, sway: 0).encoded(as: .jpeg)
    if let keep { try jpeg.write(to: URL(fileURLWithPath: keep).appendingPathComponent("identify-720p-1.jpg")) }
    let job = try folder.map { try FaceRecognitionJob($0, engine.recognizer.aligner) }
    var faces = 0
    let times = try stopwatch.compare {
      try job?.look(at: Photo(decoding: jpeg).image)
    } ours: {
      let found = try engine.finder.faces(in: Photo(decoding: jpeg).image)
      faces = try engine.identify(found, among: roster).count { $0.status == .known }
    }
    return Row(
      name: "identify-720p-1", reference: folder == nil ? nil : times.reference, ours: times.ours,
      note: "JPEG to name, \(faces) known; dlib's side is face_recognition's job at its default settings")
  }

  /// A roster with one person: the main face of the picture.
  static func known(_ picture: Image, _ recognizer: Recognizer) throws -> Roster {
    var roster = Roster(try ImpostorModels(models: Models.find()))
    if let face = Recognizer.main(of: try recognizer.faces(in: picture), in: picture) {
      let bare = try recognizer.encoder.encode([face.chip])[0]
      roster.add(PersonName(id: "1", name: "1"))
      roster.add([FaceEncoder.identifier: bare], digest: "1", of: "1")
    }
    return roster
  }

  /// The work of Python's face_recognition on a picture at its default settings: HOG on the doubled picture, then each
  /// face encoded separately.
  struct FaceRecognitionJob {
    private let hog: DlibHOGDetector
    private let encoder: DlibEncoder
    private let aligner: Aligner

    init(_ folder: URL, _ aligner: Aligner) throws {
      hog = try DlibHOGDetector()
      encoder = try DlibEncoder(folder: folder)
      self.aligner = aligner
    }

    func look(at image: Image) throws {
      let faces = try image.withPixels { try hog.detect($0, width: image.width, height: image.height) }
      for face in faces {
        let landmarks = try aligner.landmarks(in: image, box: face.box)
        _ = try encoder.encode(ChipGeometry.encoder.cut(image, landmarks), count: 1)
      }
    }
  }

  /// A camera's picture of 1280×720 pixels with `count` copies of a picture side by side.
  static func crowd(of count: Int, _ picture: Image, sway: Int) throws -> Image {
    let columns = count == 1 ? 1 : (count + 1) / 2
    let side = min(360, 1280 / columns) - 24
    let rows = count == 1 ? 1 : 2
    let square = try picture.resized(width: side, height: side)
    let places = (0..<count).map { index in
      (square, 12 + index % columns * (1280 / columns) + sway, 12 + index / columns * (720 / rows) + sway / 2)
    }
    return try Image.composed(width: 1280, height: 720, background: (red: 120, green: 120, blue: 120), places)
  }
}
