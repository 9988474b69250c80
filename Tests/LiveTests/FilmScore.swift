import Enroll
import Foundation
import Mask
import Recognize
import Scenes
import Store
import Testing
import Vision

@testable import Live

/// Networks and cast of the films.
struct Studio: Sendable {
  static let shared = Result { try Studio() }

  let engine: Engine
  private let impostors: ImpostorModels
  private let periocular: PeriocularEncoder

  init() throws {
    engine = try Engine(models: Models.find())
    impostors = try ImpostorModels(models: Models.find())
    periocular = try PeriocularEncoder(models: Models.find())
  }

  /// People enrolled with one photo each, as `rollcall enroll` does it; their IDs are their names.
  func enrol(_ people: [(name: String, photo: URL)], fpir: Double = Matcher.defaultFPIR) throws -> KnownPeople {
    var gallery = Gallery()
    for (name, photo) in people {
      let image = try Photo(decoding: Photo.read(photo.path)).image
      let face = try #require(Recognizer.main(of: engine.recognizer.faces(in: image), in: image))
      let bare = try engine.recognizer.encoder.encode([face.chip])[0]
      let masked = try PeriocularEncoder.chips(of: face, in: image, aligner: engine.recognizer.aligner)
      let covered = try periocular.templates(of: [masked])[0]
      gallery.add(
        impostors[.face].place(bare), forCovered: impostors[.periocular].template(bare: bare, covered: covered),
        personID: name)
    }
    return KnownPeople(
      gallery, names: Dictionary(uniqueKeysWithValues: people.map { ($0.name, $0.name) }), impostors, fpir: fpir)
  }

  func actor(_ name: String, _ photo: URL, _ covers: [Cover]) throws -> Actor {
    try Actor(
      name: name, portrait: Photo(decoding: Photo.read(photo.path)).image, recognizer: engine.recognizer,
      covers: covers)
  }

  /// Watches a film, and says how well that went.
  func watch(_ scene: Scene, _ people: KnownPeople) throws -> FilmScore {
    let watcher = Watcher(engine, CurrentPeople(people), source: .file("film"))
    var score = FilmScore(start: Date(timeIntervalSince1970: 1_800_000_000), known: Set(people.names.keys))
    for index in 0..<scene.frameCount {
      let (image, truth) = try scene.frame(index)
      let seconds = Double(index) / scene.rate
      score.add(truth, try watcher.look(at: image, time: score.start + seconds), at: seconds)
    }
    score.events += watcher.finish()
    return score
  }
}

/// How well a film was watched, in faces of its frames: those at least nine tenths of which can be seen, from 60 pixels on.
struct FilmScore: CustomStringConvertible {
  let start: Date
  /// Who is enrolled.
  let known: Set<String>
  private(set) var faces = 0
  private(set) var found = 0
  /// Faces in tracks, a second after the person came into view and later.
  private(set) var judged = 0
  /// Of these, with the right name, or without any for somebody who is not enrolled.
  private(set) var right = 0
  /// The same of bare faces: behind a mask, not everybody is known at the false-positive rate that is asked for.
  private(set) var judgedBare = 0
  private(set) var rightBare = 0
  /// Of these, with another's name.
  private(set) var wrong = 0
  private(set) var rightMasks = 0
  /// How often a track had one name and then another.
  private(set) var switches = 0
  var events: [Sighting] = []
  private var since: [String: Double] = [:]
  private var lastSeen: [String: Double] = [:]
  private var nameOfTrack: [Int: String] = [:]
  private var misses: [String: Int] = [:]

  init(start: Date, known: Set<String>) {
    self.start = start
    self.known = known
  }

  var identity: Double { Double(right) / Double(max(1, judged)) }
  var identityBare: Double { Double(rightBare) / Double(max(1, judgedBare)) }
  var masks: Double { Double(rightMasks) / Double(max(1, found)) }
  /// How often each person arrived; those who are not known together.
  var arrivals: [String: Int] {
    events.filter { $0.kind == .arrival }.reduce(into: [:]) { $0[$1.personID ?? "unknown", default: 0] += 1 }
  }

  mutating func add(_ truth: [Truth], _ moment: Watcher.Moment, at seconds: Double) {
    events += moment.events
    for face in moment.faces {
      guard let name = face.found.person?.id else { continue }
      if let before = nameOfTrack[face.track], before != name { switches += 1 }
      nameOfTrack[face.track] = name
    }
    for person in truth where person.visible >= 0.9 && person.box.width >= 60 {
      faces += 1
      if seconds - (lastSeen[person.name] ?? -10) > 3 { since[person.name] = seconds }
      lastSeen[person.name] = seconds
      let head = Detection(box: person.box, score: 1).head
      let nearest = moment.faces.map(\.found).max { $0.box.overlap(head) < $1.box.overlap(head) }
      guard let face = nearest, face.box.overlap(head) >= 0.4 else { continue }
      found += 1
      if face.mask.label == person.mask {
        rightMasks += 1
      } else {
        misses["\(person.name) in \(person.mask) is \(face.mask.word)", default: 0] += 1
      }
      guard seconds - (since[person.name] ?? seconds) >= 1 else { continue }
      judged += 1
      if person.mask == .none { judgedBare += 1 }
      let expected = known.contains(person.name) ? person.name : nil
      if face.person?.id == expected {
        right += 1
        if person.mask == .none { rightBare += 1 }
      } else {
        misses["\(person.name) is \(face.person?.id ?? "nobody")", default: 0] += 1
        if face.person != nil { wrong += 1 }
      }
    }
  }

  var description: String {
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    return
      "\(faces) faces, found \(percent(Double(found) / Double(max(1, faces)))), identity right \(percent(identity)) of \(judged) (bare \(percent(identityBare)) of \(judgedBare)), "
      + "\(wrong) wrong, \(switches) switches, mask right \(percent(masks)), arrivals \(arrivals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
      + misses.sorted { $0.key < $1.key }.map { "; \($0.key): \($0.value)" }.joined()
  }
}
