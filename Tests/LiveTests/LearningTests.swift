import Faces
import Foundation
import Mask
import Recognize
import Scenes
import Store
import TestResources
import Testing
import Values

@testable import Live

@Suite("Learning behind the mask", .serialized)
struct LearningTests {
  private let studio: Studio
  private let film: Scene

  init() throws {
    studio = try Studio.shared.get()
    film = Scene.door(
      try studio.actor("Obama", Pictures.obamaSpeaking, [.mask(.surgical, seed: 3), .mask(.cloth, seed: 4)]))
  }

  /// What the film's first ten seconds teach: the first mask is put on after seven.
  private func lessons(_ film: Scene, _ people: Roster, learns: Bool = true) throws -> [LearntLook] {
    var options = Tracker.Options()
    options.learns = learns
    let tracker = Tracker(studio.engine, SharedRoster(people), source: .file("film"), options: options)
    var lessons: [LearntLook] = []
    for index in stride(from: 0, to: Int(10 * film.rate), by: 3) {
      let time = Date(timeIntervalSince1970: 1_800_000_000 + Double(index) / film.rate)
      _ = try tracker.look(at: film.frame(index).image, time: time)
      lessons += tracker.learnt
    }
    return lessons
  }

  @Test("somebody who is known bare and puts a mask on teaches one look, which is nearer to the next one")
  func teaches() throws {
    var people = try studio.enroll([("Obama", Pictures.obama), ("Collins", Pictures.collins)])
    let lessons = try lessons(film, people)
    #expect(lessons.map(\.personID) == ["Obama"])
    let look = try #require(lessons.first)
    #expect(look.quality > 0)

    // The same person in another mask, from the film's last part.
    let image = try film.frame(Int(14 * film.rate)).image
    let faces = try studio.engine.finder.faces(in: image)
    let face = try #require(faces.first)
    let probe = try #require(
      try studio.engine.encoder.probes(of: [face.face.chip], [face.mask.label], only: .periocular).first?.first)
    let before = try #require(people.matcher.near(probe, fpir: 0.5).first { $0.personID == "Obama" })
    people.addLearnt(look.face.byEncoder, of: "Obama")
    let after = try #require(people.matcher.near(probe, fpir: 0.5).first { $0.personID == "Obama" })
    #expect(after.comparison.deviations < before.comparison.deviations - 0.5)
  }

  @Test("a bare face is not compared with learnt looks")
  func bare() throws {
    var people = try studio.enroll([("Collins", Pictures.collins)])
    let look = try #require(
      lessons(film, studio.enroll([("Obama", Pictures.obama), ("Collins", Pictures.collins)])).first)
    people.add(PersonName(id: "Obama", name: "Obama"))
    people.addLearnt(look.face.byEncoder, of: "Obama")
    // Nor does it make bare faces harder to know: their threshold follows from the templates that they meet.
    #expect(people.matcher.gallery.count(for: .face) == 1)
    #expect(people.matcher.gallery.count(for: .periocular) == 2)
    let image = try film.frame(Int(6 * film.rate)).image
    let faces = try studio.engine.finder.faces(in: image)
    #expect(faces.map(\.mask.label) == [MaskLabel.none])
    #expect(try studio.engine.identify(faces, among: people).map(\.identification?.personID) == [nil])
  }

  @Test("nothing is learnt unless it is asked for, nor from somebody who is not enrolled")
  func silent() throws {
    #expect(try lessons(film, studio.enroll([("Obama", Pictures.obama)]), learns: false).isEmpty)
    #expect(try lessons(film, studio.enroll([("Collins", Pictures.collins)])).isEmpty)
  }
}
