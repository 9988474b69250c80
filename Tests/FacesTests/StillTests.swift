import Faces
import Foundation
import Recognize
import TestResources
import Testing
import Values
import Vision

@Suite("Still pictures", .serialized)
struct StillTests {
  private static let shared = Result { try FaceEngine(models: Models.find()) }

  private let engine: FaceEngine

  init() throws { engine = try Self.shared.get() }

  private func image(_ file: URL) throws -> Image { try Photo(decoding: Photo.read(file.path)).image }

  @Test("everybody in a picture is found, known people by name, and strangers are unknown")
  func identify() throws {
    let roster = try Roster([("Obama", Pictures.obama), ("Collins", Pictures.collins)], engine)
    let (obama, biden) = (try image(Pictures.obamaSpeaking), try image(Pictures.biden))
    let both = try Image.composed(
      width: obama.width + biden.width, height: max(obama.height, biden.height),
      background: (red: 9, green: 9, blue: 9),
      [(obama, 0, 0), (biden, obama.width, 0)])
    let found = try engine.identify(engine.finder.faces(in: both), among: roster).sorted { $0.box.x < $1.box.x }
    #expect(found.map(\.status) == [.known, .unknown])
    #expect(found.map(\.identification?.personID) == ["Obama", nil])
    #expect(found.allSatisfy { $0.mask.label == .none && (0...1).contains($0.score) })
    #expect(found[0].box.x < Double(obama.width) && found[1].box.x > Double(obama.width))
    #expect(try engine.finder.faces(in: both, onlyMain: true).count == 1)
    #expect(try engine.finder.faces(in: both, detection: .init(minimumFace: 5000)).isEmpty)
  }

  @Test("a covered face is known by what is free, and where nobody is asked for faces are only labelled")
  func covered() throws {
    let roster = try Roster([("Obama", Pictures.obama), ("Collins", Pictures.collins)], engine)
    let masked = try Pictures.masked(Pictures.obama)
    let main = try engine.finder.faces(in: masked, onlyMain: true)
    let found = try #require(try engine.identify(main, among: roster).first)
    #expect(
      found.mask.label == .mask && found.identification?.personID == "Obama"
        && found.identification?.method == .periocular)
    let labelled = try #require(try main.first?.unidentified())
    #expect(labelled.status == .found && labelled.identification == nil && labelled.mask.label == .mask)
    #expect(labelled.box == found.box && labelled.score == found.score)
  }
}
