import Values
import Store
import Mask
import Faces
import Foundation
import TestResources
import Testing

@testable import Live
@testable import Scenes

/// How often a stranger who stays before the camera is given a name, where hundreds are enrolled.
///
/// `ROLLCALL_STRANGERS=200 ROLLCALL_STAY=60 swift test --filter VisitRateTests` measures it, in about half an hour. The
/// usual run looks at twelve strangers for a short time.
@Suite(
  "Strangers who stay", .serialized,
  .enabled(
    if: EvaluationData.folder("lfw-dev") != nil && EvaluationData.folder("faces-val") != nil,
    Comment(rawValue: EvaluationData.hint)))
struct VisitRateTests {
  private static func setting(_ name: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
  }

  private let studio: Studio

  init() throws { studio = try Studio.shared.get() }

  @Test("are given a name no more often than was asked for, bare or masked", arguments: [false, true])
  func rate(masked: Bool) throws {
    let (count, stay) = (Self.setting("ROLLCALL_STRANGERS", 12), Self.setting("ROLLCALL_STAY", 6))
    let asked = 0.02
    let people = try SharedRoster(studio.enroll(enrolled(count > 12 ? 500 : 60), fpir: asked))
    let photos = try FileManager.default.contentsOfDirectory(
      at: #require(EvaluationData.folder("faces-val")).appendingPathComponent("images"), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }.filter { studio.hasFace($0) }.prefix(count)
    var (tracks, named) = (Set<String>(), Set<String>())
    for start in stride(from: 0, to: photos.count, by: 12) {
      let cover = Cover.mask(start % 24 == 0 ? .surgical : .cloth, seed: UInt64(start))
      let actors = try photos[start..<min(start + 12, photos.count)].map {
        try studio.actor($0.lastPathComponent, $0, masked ? [cover] : [])
      }
      let film = Scene.gathering(actors, duration: Double(stay), cover: masked ? cover : .bare)
      let tracker = Tracker(studio.engine, people, source: .file("film"))
      for index in stride(from: 0, to: film.frameCount, by: 3) {
        let time = Date(timeIntervalSince1970: 1_800_000_000 + Double(index) / film.rate)
        for face in try tracker.look(at: film.frame(index).image, time: time).faces {
          tracks.insert("\(start) \(face.track)")
          if face.face.identification != nil { named.insert("\(start) \(face.track)") }
        }
      }
    }
    let share = Double(named.count) / Double(tracks.count)
    print("\(masked ? "masked" : "bare") strangers: \(named.count) of \(tracks.count) named, \(share), asked \(asked)")
    #expect(tracks.count >= photos.count * 9 / 10)
    // Of few, one may have a name by chance.
    #expect(named.count <= max(1, Int(2 * asked * Double(tracks.count))))
  }

  private func enrolled(_ count: Int) throws -> [(name: String, photo: URL)] {
    let images = try #require(EvaluationData.folder("lfw-dev")).appendingPathComponent("images")
    return try FileManager.default.contentsOfDirectory(atPath: images.path).sorted().compactMap { name in
      let folder = images.appendingPathComponent(name)
      guard let photo = try FileManager.default.contentsOfDirectory(atPath: folder.path).min() else { return nil }
      return (name, folder.appendingPathComponent(photo))
    }.prefix(count * 11 / 10).filter { studio.hasFace($0.photo) }.prefix(count).map { $0 }
  }
}

extension Scene {
  /// Up to twelve people who stand in three rows all the time.
  fileprivate static func gathering(_ actors: [Actor], duration: Double, cover: Cover) -> Scene {
    let roles = actors.enumerated().map { number, actor in
      let (x, y) = (0.14 + 0.24 * Double(number % 4), 0.2 + 0.3 * Double(number / 4))
      var walk = Walk(
        from: Keyframe(time: 0, x: x, y: y, size: 100), height: 720, seed: UInt64(number + 1) &* 7919)
      walk.stand(until: duration)
      return Role(actor: actor, path: walk.path, covers: cover == .bare ? [] : [(0, cover)])
    }
    return Scene(duration: duration, roles: roles)
  }
}
