import Enroll
import Foundation
import Formats
import Mask
import Recognize
import TestResources
import Testing
import Vision

@testable import Live

@Suite("Still pictures", .serialized)
struct StillTests {
  private let studio: Studio

  init() throws { studio = try Studio.shared.get() }

  private func image(_ file: URL) throws -> Image { try Photo(decoding: Photo.read(file.path)).image }

  @Test("everybody in a picture is found, known people by name, and strangers are unknown")
  func identify() throws {
    let people = try studio.enrol([("Obama", Pictures.obama), ("Collins", Pictures.collins)])
    let (obama, biden) = (try image(Pictures.obamaSpeaking), try image(Pictures.biden))
    let both = try Image.composed(
      width: obama.width + biden.width, height: max(obama.height, biden.height),
      background: (red: 9, green: 9, blue: 9),
      [(obama, 0, 0), (biden, obama.width, 0)])
    let found = try studio.engine.look(at: both, people: people).sorted { $0.box.x < $1.box.x }
    #expect(found.map(\.status) == [.known, .unknown])
    #expect(found.map(\.person?.id) == ["Obama", nil])
    #expect(found.allSatisfy { $0.mask.label == MaskLabel.none && (0...1).contains($0.score) })
    #expect(found[0].box.x < Double(obama.width) && found[1].box.x > Double(obama.width))
    #expect(try studio.engine.look(at: both, people: people, onlyMain: true).count == 1)
    #expect(try studio.engine.look(at: both, people: people, detection: .init(minimumFace: 5000)).isEmpty)
  }

  @Test("a covered face is known by what is free, and where nobody is asked for faces are only labelled")
  func covered() throws {
    let people = try studio.enrol([("Obama", Pictures.obama), ("Collins", Pictures.collins)])
    let masked = try Pictures.masked(Pictures.obama)
    let found = try #require(try studio.engine.look(at: masked, people: people, onlyMain: true).first)
    #expect(found.mask.label == .mask && found.person?.id == "Obama" && found.person?.method == .periocular)
    let labelled = try #require(try studio.engine.look(at: masked, people: nil, onlyMain: true).first)
    #expect(labelled.status == .found && labelled.person == nil && labelled.mask.label == .mask)
    #expect(labelled.box == found.box && labelled.score == found.score)
  }

  @Test("a face has the keys that programs know, and its picture's before them")
  func json() throws {
    let mask = MaskStatus(probabilities: [.mask: 0.123456, .none: 0.876544], unsureBelow: 0.6)
    let people = KnownPeople(Gallery(), names: ["7": "Ada"], try ImpostorModels(models: Models.find()))
    let person = people.person("7", confidence: 0.98765, method: .face)
    let face = FaceReport.Found(
      box: Rect(x: 1.4, y: -2.6, width: 30.5, height: 40), score: 0.55555, mask: mask, status: .known, person: person)
    let keys =
      #""box":[1,-3,31,40],"score":0.5556,"mask":{"label":"none","probabilities":"#
      + #"{"mask":0.1235,"incorrect":0.0,"covering":0.0,"none":0.8765}},"#
    let identity = #""identity":{"id":"7","name":"Ada","confidence":0.9877,"method":"face"},"status":"known""#
    #expect(face.json(.identity).text() == "{\(keys)\(identity)}")
    #expect(face.json(.mask, more: [.init("track", 3)]).text() == "{\(keys)\"status\":\"known\",\"track\":3}")
    let time = Date(timeIntervalSince1970: 0)
    #expect(
      FaceReport(source: .file("a.jpg"), time: time, found: face).json(.identity, .gmt).text()
        == #"{"file":"a.jpg","time":"1970-01-01T00:00:00.000+00:00","# + keys + identity + "}")
    #expect(
      FaceReport(source: .camera("door"), time: time, found: nil).json(.identity, .gmt).text()
        == #"{"camera":"door","time":"1970-01-01T00:00:00.000+00:00","status":"noface"}"#)
    let stranger = FaceReport.Found(box: face.box, score: 1, mask: mask, status: .unknown)
    #expect(stranger.json(.identity)["identity"] == .null && stranger.json(.mask)["identity"] == nil)
  }
}
