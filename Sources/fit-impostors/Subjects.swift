import Enroll
import Faces
import Foundation
import Mask
import Recognize
import Terminal
import Values
import Vision

/// A face of a photo, encoded as a template and as a probe.
struct Subject {
  let file: URL
  let template: TemplateEmbeddings
  /// The bare face.
  let bare: Probe
  /// The face with a mask drawn on it; nil if masks are not drawn.
  let masked: Probe?

  func probe(_ method: RecognitionMethod) -> Probe? {
    switch method {
    case .face: bare
    case .periocular: masked
    }
  }
}

/// People with several photos each.
struct Person {
  let subjects: [Subject]
  /// Whether the metric may be fitted on this person. People on whom the encoder or the metric was fitted must not
  /// judge the fit.
  let tellsMetric: Bool
}

/// Reads photos as enrolment and the door see them.
struct SubjectReader: Sendable {
  private static let masks: [MaskRenderer.Style] = [.surgical, .respirator, .cloth, .patterned]

  let engine: FaceEngine
  /// Whether masks are drawn on the faces.
  let drawsMasks: Bool

  /// The main face of each photo that passes the quality gate. Other photos are skipped.
  func subjects(_ files: [URL], title: String) throws -> [Subject] {
    var found: [Subject] = []
    let bar = ProgressBar(title, total: files.count)
    defer { bar.finish() }
    try forEachInOrder(files.enumerated().map { $0 }) { item in
      chips(of: item.element, number: item.offset)
    } consume: { item, chips in
      bar.advance()
      guard let chips, let template = try engine.templates(of: [(chips.bare, chips.drawn)]).first else { return }
      found.append(
        Subject(
          file: item.element, template: template,
          bare: Probe(embedding: template.bare, second: template.secondBare, method: .face),
          masked: try chips.masked.flatMap {
            try engine.encoder.probes(of: [$0], [.mask], only: .periocular).first?.first
          }))
    }
    return found
  }

  private func chips(of file: URL, number: Int) -> (bare: Chip, drawn: [Chip], masked: Chip?)? {
    let recognizer = engine.recognizer
    // Tightly cropped faces fill the picture. The detector needs room around them.
    guard let photo = try? Photo(decoding: Photo.read(file.path)),
      let padded = try? photo.image.cropped(
        x: -photo.image.width / 4, y: -photo.image.height / 4, width: photo.image.width * 3 / 2,
        height: photo.image.height * 3 / 2),
      let faces = try? recognizer.faces(
        in: padded, options: Detector.Options(threshold: Detector.clearFace, minimumFace: 60)),
      case .success(let good)? = try? QualityGate().judge(faces, in: padded)
    else { return nil }
    guard drawsMasks else { return (good.face.chip, [], nil) }
    let renderer = MaskRenderer(style: Self.masks[number % Self.masks.count], seed: UInt64(number))
    guard let masked = try? renderer.render(on: padded, good.face.landmarks),
      let face = Recognizer.main(of: (try? recognizer.faces(in: masked)) ?? [], in: masked)
    else { return nil }
    let drawn = (try? PeriocularEncoder.chips(of: good.face, in: padded, aligner: recognizer.aligner)) ?? []
    return (good.face.chip, drawn, face.chip)
  }

  /// The people of a folder with one folder of photos per person.
  ///
  /// - Parameter leftOut: The names of the folders whose people do not tell the metric; nil for every other person.
  func people(in folder: String, leftOut: Set<String>?) throws -> [Person] {
    let folders = try FileManager.default.contentsOfDirectory(
      at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
    let ownPhotos = try folders.map { folder in
      try FileManager.default.contentsOfDirectory(at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
        .sorted { $0.path < $1.path }.prefix(6)
    }
    let personOfPhoto = Dictionary(
      zip(0..., ownPhotos).flatMap { person, photos in photos.map { ($0, person) } },
      uniquingKeysWith: { first, _ in first })
    return Dictionary(grouping: try subjects(ownPhotos.flatMap(\.self), title: "People")) {
      personOfPhoto[$0.file] ?? 0
    }
    .sorted { $0.key < $1.key }
    .map { person, subjects in
      Person(
        subjects: subjects,
        tellsMetric: leftOut.map { !$0.contains(folders[person].lastPathComponent) } ?? (person % 2 == 0))
    }
  }
}
