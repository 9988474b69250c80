import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

@testable import Scenes

/// Networks and actors are made once for all tests.
private enum Shared {
  static let recognizer = Result { try Recognizer(models: Models.find()) }
  static let classifier = Result { try MaskClassifier(models: Models.find()) }
  static let covers: [Cover] = [.mask(.surgical, seed: 3), .incorrect(.surgical, seed: 3)]

  /// Those whose pictures are always there.
  static let five = Result {
    try [
      ("Speaking", Pictures.obamaSpeaking), ("Collins", Pictures.collins), ("Biden", Pictures.biden),
      ("Standing", Pictures.obamaStanding), ("Obama", Pictures.obama),
    ].map { try actor($0.0, $0.1) }
  }

  static func actor(_ name: String, _ photo: URL, covers: [Cover] = Shared.covers) throws -> Actor {
    try Actor(
      name: name, portrait: Photo(decoding: Photo.read(photo.path)).image, recognizer: recognizer.get(), covers: covers)
  }
}

@Suite("Films of actors")
struct ScenesTests {
  /// How much of what is true a detector and the mask classifier see.
  private struct Seen {
    var faces = 0
    var found = 0
    var labels: [MaskLabel: (all: Int, right: Int)] = [:]
    var falseAlarms = 0
  }

  private func watch(_ scene: Scene, every step: Int) throws -> Seen {
    let (recognizer, classifier) = try (Shared.recognizer.get(), Shared.classifier.get())
    var seen = Seen()
    for index in stride(from: 0, to: scene.frameCount, by: step) {
      let (image, truth) = try scene.frame(index)
      let faces = try recognizer.faces(in: image)
      let labels = try classifier.classify(faces.map(\.landmarks), in: image)
      for face in faces where !truth.contains(where: { $0.visible > 0 && $0.box.overlap(face.detection.box) > 0.3 }) {
        seen.falseAlarms += 1
      }
      for one in truth where one.visible >= 0.9 && one.box.width >= 60 {
        seen.faces += 1
        guard let place = faces.indices.first(where: { faces[$0].detection.box.overlap(one.box) >= 0.5 }) else {
          continue
        }
        seen.found += 1
        seen.labels[one.mask, default: (0, 0)].all += 1
        if labels[place].likeliest == one.mask { seen.labels[one.mask, default: (0, 0)].right += 1 }
      }
    }
    return seen
  }

  private func expectTrue(_ seen: Seen) {
    #expect(Double(seen.found) >= 0.95 * Double(seen.faces), "\(seen)")
    #expect(Double(seen.falseAlarms) <= 0.02 * Double(seen.faces), "\(seen)")
    for (label, count) in seen.labels {
      #expect(Double(count.right) > 0.8 * Double(count.all), "\(label): \(seen)")
    }
  }

  @Test(
    "One person at the door is where the truth says, with and without a mask, in every light",
    arguments: [Light.even, .changing, .dim])
  func door(light: Light) throws {
    let scene = Scene.door(try #require(Shared.five.get().last), light: light)
    #expect(scene.frameCount == 500)
    let seen = try watch(scene, every: 10)
    #expect(seen.faces > 40)
    #expect(Set(seen.labels.keys) == [.none, .mask, .incorrect])
    expectTrue(seen)
  }

  @Test("Five people are where the truth says")
  func five() throws {
    let seen = try watch(.crowd(Shared.five.get(), light: .changing), every: 12)
    #expect(seen.faces > 150)
    expectTrue(seen)
  }

  @Test(
    "Twelve people are where the truth says",
    .enabled(if: EvaluationData.folder("lfw-dev") != nil, "\(EvaluationData.hint)"))
  func twelve() throws {
    let people = try #require(try EvaluationData.people(12, recognizer: Shared.recognizer.get()))
    #expect(people.count == 12 && people.allSatisfy { $0.enroll != $0.film })
    let scene = Scene.crowd(try people.map { try Shared.actor($0.name, $0.film) })
    let seen = try watch(scene, every: 20)
    #expect(seen.faces > 200)
    expectTrue(seen)
  }

  @Test("Who passes behind another one, or leaves the picture, is not to be seen")
  func hidden() throws {
    let actors = try Shared.five.get()
    let behind = Role(
      actor: actors[1],
      path: [Keyframe(time: 0, x: 0.1, y: 0.5, size: 80), Keyframe(time: 2, x: 0.9, y: 0.5, size: 80)]
    )
    let front = Role(
      actor: actors[4],
      path: [Keyframe(time: 0, x: 0.5, y: 0.5, size: 150), Keyframe(time: 2, x: 0.5, y: 0.5, size: 150)])
    let leaving = Role(
      actor: actors[2],
      path: [Keyframe(time: 0, x: 0.8, y: 0.2, size: 70), Keyframe(time: 2, x: 1.2, y: 0.2, size: 70)])
    let scene = Scene(rate: 10, duration: 2, roles: [behind, front, leaving])
    let frames = try (0...20).map { try scene.frame($0).truth }
    #expect(frames.allSatisfy { $0.map(\.name) == ["Collins", "Obama", "Biden"] })
    #expect(frames.allSatisfy { $0[1].visible == 1 })
    #expect(frames[0][0].visible == 1 && frames[10][0].visible < 0.05 && frames[20][0].visible == 1)
    #expect(frames.contains { (0.2...0.8).contains($0[0].visible) })
    #expect(frames[0][2].visible == 1 && frames[20][2].visible == 0)
    #expect(frames.contains { (0.2...0.8).contains($0[2].visible) })
    // The order of roles does not count, only who is nearer.
    let other = Scene(rate: 10, duration: 2, roles: [front, behind, leaving])
    #expect(try other.frame(10).truth.map(\.visible) == [1, frames[10][0].visible, frames[10][2].visible])
  }

  @Test("The truth follows the path: nobody is there before and after, and a tilted head keeps its box")
  func path() throws {
    let actor = try #require(Shared.five.get().last)
    let role = Role(
      actor: actor,
      path: [
        Keyframe(time: 1, x: 0.25, y: 0.5, size: 100), Keyframe(time: 2, x: 0.25, y: 0.5, size: 100),
        Keyframe(time: 3, x: 0.75, y: 0.5, size: 120, roll: 12),
      ], covers: [(2, .mask(.surgical, seed: 3))])
    let scene = Scene(width: 640, height: 360, rate: 4, duration: 4, roles: [role])
    let truth = try (0..<16).map { try scene.frame($0).truth.first }
    #expect(truth.map { $0 != nil } == (0..<16).map { (4...12).contains($0) })
    #expect(truth[4]?.box == Rect(x: 110, y: 130, width: 100, height: 100))
    // Smooth, and never beyond the places it is between.
    #expect(truth[6]?.box == truth[4]?.box && truth[8]?.box == truth[4]?.box)
    let middles = truth.compactMap(\.self).map { $0.box.x + $0.box.width / 2 }
    #expect(middles == middles.sorted() && middles.last == 480)
    #expect(truth[7]?.mask == MaskLabel.none && truth[8]?.mask == .mask)
    let (image, last) = try scene.frame(12)
    let found = try Shared.recognizer.get().faces(in: image)
    let box = try #require(last.first).box
    #expect(found.count == 1 && found[0].detection.box.overlap(box) > 0.6)
  }

  @Test("The same seed gives the same picture, another seed another one; a frame does not depend on those before")
  func sameAgain() throws {
    let actors = try Array(Shared.five.get().prefix(2))
    func pixels(_ seed: UInt64, _ index: Int) throws -> [UInt8] {
      try Scene.crowd(actors, light: .changing, seed: seed).frame(index).image.withPixels { Array($0) }
    }
    let once = try pixels(1, 200)
    let twice = try pixels(1, 200)
    #expect(twice == once)
    let others = try (pixels(2, 200), pixels(1, 201))
    #expect(others.0 != once && others.1 != once)
    let scene = Scene.crowd(actors, light: .changing, seed: 1)
    _ = try scene.frame(0)
    let later = try scene.frame(200).image.withPixels { Array($0) }
    #expect(later == once)
    // Cut out again, the actor looks the same.
    let again = try Shared.actor("Obama", Pictures.obama)
    let obama = try #require(Shared.five.get().last)
    let two = try [again, obama].map { try Scene.door($0).frame(100).image.withPixels { Array($0) } }
    #expect(two[0] == two[1])
  }

  @Test("What was not rendered cannot be put on, and a picture without a face is no portrait")
  func refused() throws {
    let actor = try #require(Shared.five.get().last)
    let role = Role(
      actor: actor,
      path: [Keyframe(time: 0, x: 0.5, y: 0.5, size: 90), Keyframe(time: 1, x: 0.5, y: 0.5, size: 90)],
      covers: [(0.5, .mask(.cloth, seed: 1))])
    let scene = Scene(duration: 1, roles: [role])
    #expect(throws: Never.self) { try scene.frame(0) }
    #expect(throws: VisionError.self) { try scene.frame(20) }
    #expect(throws: VisionError.self) {
      try Actor(
        name: "Nobody", portrait: Image(rgb: Array(repeating: 90, count: 300 * 300 * 3), width: 300, height: 300),
        recognizer: Shared.recognizer.get())
    }
  }
}
