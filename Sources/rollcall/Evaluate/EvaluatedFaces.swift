import Faces
import Foundation
import Mask
import Recognize
import Terminal
import Values
import Vision

/// The part that `evaluate verification` and `evaluate identification` share: the main face of each photo, encoded as
/// for a camera.
struct EvaluatedFaces {
  static let encoder = Option(
    "encoder", .choice(of: RecognitionMethod.self),
    help: "one encoder for every probe; by default each face's mask label chooses, as at the door")
  private static let styles = MaskRenderer.Style.allCases.map(\.rawValue).joined(separator: ", ")
  static let cover = Option(
    "cover",
    ValueKind("STYLE,…") { text in
      try text.components(separatedBy: ",").map { word in
        guard let style = MaskRenderer.Style(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
          throw Complaint("nobody draws “\(word)”; there are \(styles)")
        }
        return style
      }
    },
    help: "draw these on the probes first, in turn: \(styles)")
  static let bareTemplates = Option(
    flag: "bare-templates",
    help:
      "compare covered probes with bare faces only, as where people were enrolled by a version without masks drawn on")
  static let options: [any AnyOption] = [encoder, cover, bareTemplates, Common.threads, Common.precision]

  /// A photo, possibly with a covering drawn on it.
  struct Shot: Hashable {
    let file: String
    /// The covering that is drawn on the main face.
    var style: MaskRenderer.Style?
    /// Whether the face is used as a template.
    var isEnrolled = false
  }

  /// The main face of a shot.
  struct Face: Sendable {
    let status: MaskStatus
    /// The face as a probe, once for each method that is used for it.
    let probes: [Probe]
    /// The face as a template: in dlib's space from the face encoder if it is bare, otherwise from the periocular
    /// encoder.
    let template: PlacedTemplate
    let templateMethod: RecognitionMethod

    /// Whether the mouth is covered, in the words of the tables.
    var cover: String {
      switch status.label {
      case .none: "bare"
      case .mask, .incorrect, .covering: "covered"
      case .unsure: MaskLabel.unsure.rawValue
      }
    }
  }

  let impostors: ImpostorModels
  private let engine: FaceEngine
  private let only: RecognitionMethod?
  private let onlyBareTemplates: Bool
  private let styles: [MaskRenderer.Style]

  init(_ invocation: Invocation) throws {
    let models = try Models.find()
    engine = try FaceEngine(models: models, options: Common.networks(invocation))
    impostors = try ImpostorModels(models: models)
    only = invocation[Self.encoder]
    onlyBareTemplates = invocation[Self.bareTemplates]
    styles = invocation[Self.cover] ?? []
  }

  /// The photo as a template.
  func enrolled(_ file: String) -> Shot { Shot(file: file, isEnrolled: true) }

  /// The photo as a probe, with a covering if `--cover` is given.
  func probe(_ file: String) -> Shot {
    guard !styles.isEmpty else { return Shot(file: file) }
    return Shot(file: file, style: styles[Int(Self.number(of: file) >> 8 % UInt64(styles.count))])
  }

  /// The faces of the shots; nil if none was acquired. Photos that cannot be read are reported on standard error.
  func faces(_ shots: [Shot], title: String) throws -> [Shot: Face?] {
    let bar = ProgressBar(title, total: shots.count)
    defer { bar.finish() }
    var faces: [Shot: Face?] = [:]
    try forEachInOrder(shots) { shot in
      Result { try face(shot) }
    } consume: { shot, result in
      switch result {
      case .success(let face): faces[shot] = .some(face)
      case .failure(let error):
        Diagnostics.warn("\(shot.file): \(error)")
        faces[shot] = .some(nil)
      }
      bar.advance(at: (shot.file as NSString).lastPathComponent)
    }
    return faces
  }

  private func face(_ shot: Shot) throws -> Face? {
    var image = try Photo(decoding: Photo.read(shot.file)).image
    var main = try engine.finder.faces(in: image, onlyMain: true).first
    if let style = shot.style, let bare = main {
      let renderer = MaskRenderer(style: style, seed: Self.number(of: shot.file))
      image = try renderer.render(on: image, bare.face.landmarks)
      main = try engine.finder.faces(in: image, onlyMain: true).first
    }
    guard let main else { return nil }
    let status = main.mask
    // Only bare faces are enrolled. Two covered faces are compared by the periocular region, which is free in both.
    let enrolled: RecognitionMethod = status.label.isCovered && only != .face ? .periocular : .face
    func encoded(_ method: RecognitionMethod?) throws -> [Probe] {
      try engine.encoder.probes(of: [main.face.chip], [status.label], only: method)[0]
    }
    let probes = try encoded(only)
    let known = try probes.first { $0.method == enrolled } ?? encoded(enrolled)[0]
    var template = TemplateEmbeddings(bare: known.embedding, secondBare: known.second)
    if enrolled == .periocular { template.secondCovered = known.second }
    if shot.isEnrolled, enrolled == .face, !onlyBareTemplates {
      let masked = try PeriocularEncoder.chips(of: main.face, in: image, aligner: engine.recognizer.aligner)
      template = try engine.templates(of: [(main.face.chip, masked)])[0]
    }
    return Face(status: status, probes: probes, template: impostors.place(template), templateMethod: enrolled)
  }

  /// The smallest distance between a template and a probe over all encoders of the probe, in standard deviations from
  /// the mean of strangers.
  func distance(_ enrolled: Face, _ probe: Face) -> Double {
    probe.probes.compactMap { each in
      // The periocular models describe pairs in which one face or both are covered.
      let method = enrolled.templateMethod == .face ? each.method : .periocular
      let place = impostors.place(Probe(embedding: each.embedding, second: each.second, method: method))
      return impostors.compare(place, enrolled.template)?.deviations
    }.min() ?? .infinity
  }

  /// The nearest person of a gallery, with the distance in the same unit.
  func search(_ gallery: Gallery, for face: Face) -> (personID: String, distance: Double)? {
    face.probes.compactMap { each in
      gallery.nearest(to: impostors.place(each), impostors).first.map { ($0.personID, $0.comparison.deviations) }
    }.min { $0.1 < $1.1 }
  }

  /// A number from the file's name (FNV-1a), the same on every machine.
  private static func number(of file: String) -> UInt64 {
    (file as NSString).lastPathComponent.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
