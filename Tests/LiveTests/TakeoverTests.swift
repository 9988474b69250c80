import Faces
import Foundation
import Recognize
import Store
import TestResources
import Testing
import Values

@testable import Live

/// Two faces in one picture, of which the first has got the name of the second.
@Suite("A name that the wrong face has", .serialized)
struct TakeoverTests {
  private let impostors: ImpostorModels
  private let roster: Roster
  private let tracker: Tracker
  private var generator = SeededGenerator(seed: 2)
  private let own: Embedding
  private let other: Embedding

  init() throws {
    impostors = try ImpostorModels(models: Models.find())
    var generator = generator
    func random() throws -> Embedding {
      try #require(Embedding((0..<Embedding.count).map { _ in Float.random(in: -0.1...0.1, using: &generator) }))
    }
    (own, other) = (try random(), try random())
    var roster = Roster(impostors)
    roster.add(PersonName(id: "ann", name: "Ann"))
    roster.add([FaceEncoder.identifier: own], digest: "1", of: "ann")
    self.roster = roster
    tracker = try Tracker(Studio.shared.get().engine, SharedRoster(roster), source: .camera("door"))
  }

  /// A face at a share of the way from Ann's to another one.
  private func face(_ share: Float) throws -> Probe {
    let values = zip(own.values, other.values).map { $0 + share * ($1 - $0) }
    return Probe(embedding: try #require(Embedding(values)), method: .face)
  }

  private func track(_ number: Int, _ probe: Probe) -> Track {
    let box = Rect(x: Double(200 * number), y: 10, width: 100, height: 100)
    let track = Track(number: number, Detection(box: box, score: 0.9), at: Date(timeIntervalSince1970: 1_800_000_000))
    for _ in 0..<3 {
      track.appearance.add([probe], weight: 1)
      track.budget.add([.face])
    }
    return track
  }

  @Test("goes to the right one, although both are above 0.98 sure")
  func right() throws {
    // As far from Ann as a face with her name can be.
    let shares = Array(stride(from: Float(0), to: 1, by: 0.005))
    let last = try #require(
      shares.last { share in (try? roster.matcher.identify([face(share)], leniency: 0.25)) != nil })
    let (stranger, ann) = (track(1, try face(last)), track(2, try face(0)))
    tracker.decide(stranger, among: [stranger, ann], roster.matcher)
    let wrong = try #require(stranger.identity)
    #expect(wrong.personID == "ann" && wrong.confidence > 0.95)
    tracker.decide(ann, among: [stranger, ann], roster.matcher)
    #expect(ann.identity?.personID == "ann")
    #expect(stranger.identity == nil)
  }

  @Test("stays where it is while the other one is no surer")
  func kept() throws {
    let (first, second) = (track(1, try face(0)), track(2, try face(0)))
    tracker.decide(first, among: [first, second], roster.matcher)
    tracker.decide(second, among: [first, second], roster.matcher)
    #expect(first.identity?.personID == "ann")
    #expect(second.identity == nil)
  }
}
