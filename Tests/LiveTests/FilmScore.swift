import Faces
import Foundation
import Recognize
import Scenes
import Store
import TestResources
import Testing
import Values
import Vision

@testable import Live

/// Networks and cast of the films.
struct Studio: Sendable {
  static let shared = Result { try Studio() }

  let engine: FaceEngine

  init() throws {
    engine = try FaceEngine(models: Models.find())
    try engine.prepareForCameras()
  }

  /// People enrolled with one photo each, as `rollcall enroll` does it; their IDs are their names.
  func enroll(_ people: [(name: String, photo: URL)], fpir: Double = Matcher.defaultFPIR) throws -> Roster {
    try Roster(people, engine, fpir: fpir)
  }

  /// Whether a photo has a face that can be enrolled.
  func hasFace(_ photo: URL) -> Bool {
    guard let image = try? Photo(decoding: Photo.read(photo.path)).image else { return false }
    return (try? engine.recognizer.faces(in: image).isEmpty) == false
  }

  func actor(_ name: String, _ photo: URL, _ covers: [Cover]) throws -> Actor {
    try Actor(
      name: name, portrait: Photo(decoding: Photo.read(photo.path)).image, recognizer: engine.recognizer,
      covers: covers)
  }

  /// Watches a film, and says how well that went.
  func watch(_ scene: Scene, _ people: Roster) throws -> FilmScore {
    let tracker = Tracker(engine, SharedRoster(people), source: .file("film"))
    var score = FilmScore(start: Date(timeIntervalSince1970: 1_800_000_000), known: Set(people.names.keys))
    for index in 0..<scene.frameCount {
      let (image, truth) = try scene.frame(index)
      let seconds = Double(index) / scene.rate
      let (faces, events) = try tracker.look(at: image, time: score.start + seconds)
      score.add(truth, faces, events.map(\.event), at: seconds)
    }
    score.events += tracker.finish().map(\.event)
    return score
  }
}

/// How well a film was watched, in faces of its frames: those at least nine tenths of which can be seen, from 60 pixels
/// on.
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
  var events: [Event] = []
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

  mutating func add(_ truth: [Truth], _ seen: [TrackedFace], _ new: [Event], at seconds: Double) {
    events += new
    for face in seen {
      guard let name = face.face.identification?.personID else { continue }
      if let before = nameOfTrack[face.track], before != name { switches += 1 }
      nameOfTrack[face.track] = name
    }
    for person in truth where person.visible >= 0.9 && person.box.width >= 60 {
      faces += 1
      if seconds - (lastSeen[person.name] ?? -10) > 3 { since[person.name] = seconds }
      lastSeen[person.name] = seconds
      let head = Detection(box: person.box, score: 1).head
      let nearest = seen.map(\.face).max { $0.box.overlap(head) < $1.box.overlap(head) }
      guard let face = nearest, face.box.overlap(head) >= 0.4 else { continue }
      found += 1
      if face.mask.label == person.mask {
        rightMasks += 1
      } else {
        misses["\(person.name) in \(person.mask) is \(face.mask.label)", default: 0] += 1
      }
      guard seconds - (since[person.name] ?? seconds) >= 1 else { continue }
      judged += 1
      if person.mask == .none { judgedBare += 1 }
      let expected = known.contains(person.name) ? person.name : nil
      if face.identification?.personID == expected {
        right += 1
        if person.mask == .none { rightBare += 1 }
      } else {
        misses["\(person.name) is \(face.identification?.personID ?? "nobody")", default: 0] += 1
        if face.identification != nil { wrong += 1 }
      }
    }
  }

  var description: String {
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    let arrived = arrivals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return
      "\(faces) faces, found \(percent(Double(found) / Double(max(1, faces)))), identity right \(percent(identity)) "
      + "of \(judged) (bare \(percent(identityBare)) of \(judgedBare)), "
      + "\(wrong) wrong, \(switches) switches, mask right \(percent(masks)), arrivals \(arrived)"
      + misses.sorted { $0.key < $1.key }.map { "; \($0.key): \($0.value)" }.joined()
  }
}
