import Faces
import Foundation
import Mask
import Recognize
import Terminal
import Values
import Vision

/// What `evaluate verification` and `evaluate identification` have in common: the main face of each photo, encoded as
/// at the door.
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

  /// A photo, or a photo on which something is drawn.
  struct Shot: Hashable {
    let file: String
    /// What is drawn on its main face.
    var style: MaskRenderer.Style?
    /// Whether it is an enrolled one.
    var isEnrolled = false
  }

  /// The main face of a shot.
  struct Face: Sendable {
    let status: MaskStatus
    /// The face as a probe, in each way in which it is encoded.
    let probes: [PlacedProbe]
    /// The face as an enrolled one: by the face encoder if it is bare, else by what is free.
    let template: PlacedEmbedding
    let templateMethod: RecognitionMethod
    /// The same for covered probes.
    let forCovered: PlacedTemplate

    /// Whether the mouth is covered, as tables name it.
    var cover: String {
      switch status.label {
      case .none: "bare"
      case .mask, .incorrect, .covering: "covered"
      case .unsure: MaskLabel.unsure.rawValue
      }
    }
  }

  /// A probe with the crowding of its place.
  struct PlacedProbe: Sendable {
    let probe: Probe
    let place: PlacedEmbedding
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

  /// The photo as an enrolled one.
  func enrolled(_ file: String) -> Shot { Shot(file: file, isEnrolled: true) }

  /// The photo as a probe: with something drawn on it if that was asked for.
  func probe(_ file: String) -> Shot {
    guard !styles.isEmpty else { return Shot(file: file) }
    return Shot(file: file, style: styles[Int(Self.number(of: file) >> 8 % UInt64(styles.count))])
  }

  /// The faces of shots; nil where none was acquired. Photos that cannot be read are named.
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
    // Enrolment knows bare faces only; a pair of two covered ones is compared by what is free in both.
    let enrolled: RecognitionMethod = status.label.isCovered && only != .face ? .periocular : .face
    func encoded(_ method: RecognitionMethod?) throws -> [Probe] {
      try engine.encoder.probes(of: [main.face.chip], [status.label], only: method)[0]
    }
    let probes = try encoded(only)
    let known = try (probes.first { $0.method == enrolled } ?? encoded(enrolled)[0]).embedding
    var covered: Embedding?
    if shot.isEnrolled, enrolled == .face, !onlyBareTemplates {
      let chips = try PeriocularEncoder.chips(of: main.face, in: image, aligner: engine.recognizer.aligner)
      covered = try engine.periocular.templates(of: [chips])[0]
    }
    return Face(
      status: status,
      probes: probes.map { PlacedProbe(probe: $0, place: impostors[$0.method].place($0.embedding)) },
      template: impostors[.face].place(known), templateMethod: enrolled,
      forCovered: impostors[.periocular].template(bare: known, covered: covered))
  }

  /// The nearest that any way to encode the probe brings it to an enrolled face, in standard deviations from the mean
  /// of strangers.
  func distance(_ enrolled: Face, _ probe: Face) -> Double {
    probe.probes.map { each in
      if each.probe.method == .face, enrolled.templateMethod == .face {
        return impostors[.face].toBare.deviations(at: Double(enrolled.template.distance(to: each.place)))
      }
      // The periocular encoder's model is one of pairs in which either is covered.
      let model = impostors[.periocular]
      let place = each.probe.method == .periocular ? each.place : model.place(each.probe.embedding)
      return model.distances(to: enrolled.forCovered).deviations(at: Double(enrolled.forCovered.distance(to: place)))
    }.min() ?? .infinity
  }

  /// The nearest person of a gallery, likewise.
  func search(_ gallery: Gallery, for face: Face) -> (personID: String, distance: Double)? {
    face.probes.flatMap { each in
      impostors[each.probe.method].searches.compactMap { part, distances in
        gallery.nearest(to: each.place, in: part).first.map {
          ($0.personID, distances.deviations(at: Double($0.distance)))
        }
      }
    }.min { $0.1 < $1.1 }
  }

  /// The same for a photo of the same name on every machine (FNV-1a).
  private static func number(of file: String) -> UInt64 {
    (file as NSString).lastPathComponent.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
