import Enroll
import Faces
import Foundation
import Mask
import Recognize
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Photos that come as bytes", .serialized)
struct SinglePhotoTests {
  private static let engine = Result { try FaceEngine(models: Models.find()) }

  private let folder: TemporaryFolder
  private let store: Store
  private let enroller: Enroller
  private let consent = Consent(text: "policy 3, signed", date: Date(timeIntervalSince1970: 1_700_000_000))

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(.embedded(dataFolder: folder.url.appendingPathComponent("data")))
    enroller = Enroller(try Self.engine.get(), try ImpostorModels(models: Models.find()), store: store)
  }

  private func data(_ file: URL) throws -> Data { try Data(contentsOf: file) }

  private func image(_ file: URL) throws -> Image { try Photo(decoding: data(file)).image }

  @Test("a good photo is judged with its size, its faces and its quality, and nothing is stored")
  func good() throws {
    let verdict = try enroller.judge(data(Pictures.obama))
    let image = try image(Pictures.obama)
    #expect((verdict.width, verdict.height) == (image.width, image.height))
    let main = try #require(verdict.faces.first { $0.isMain })
    #expect(verdict.faces.filter(\.isMain).count == 1)
    #expect(main.box.intersection(image.bounds).area > 0.02 * image.bounds.area)
    #expect(try (0.01...1).contains(verdict.result.get()))
    #expect(verdict.duplicates == [])
    #expect(try store.people() == [])
  }

  @Test("a bad photo is judged with what is wrong, in words for whoever takes it")
  func bad() throws {
    let portrait = try image(Pictures.collins)
    let two = try Image.composed(
      width: 1024, height: 512, background: (red: 9, green: 9, blue: 9), [(portrait, 0, 0), (portrait, 512, 0)])
    let verdict = try enroller.judge(two.encoded(as: .png))
    #expect(throws: PhotoRefusal.severalFaces) { try verdict.result.get() }
    #expect(verdict.faces.count == 2 && verdict.faces.filter(\.isMain).count == 1)
    let nobody = try enroller.judge(portrait.cropped(x: 0, y: 300, width: 150, height: 150).encoded(as: .png))
    #expect(throws: PhotoRefusal.noFace) { try nobody.result.get() }
    #expect(nobody.faces.allSatisfy { !$0.isMain })
    let masked = try enroller.judge(Pictures.masked(Pictures.obama).encoded(as: .png))
    #expect(throws: PhotoRefusal.masked) { try masked.result.get() }
    for refusal in PhotoRefusal.allCases { #expect(!refusal.advice.isEmpty && !refusal.advice.contains("--")) }
  }

  @Test("bytes that are no picture are told apart from bad photos")
  func noPicture() throws {
    _ = try store.createPerson(id: "ada", name: "Ada", consent: consent)
    let bytes = Data("hello".utf8)
    for attempt in [
      { _ = try enroller.judge(bytes) }, { _ = try enroller.enroll(bytes, called: "a.jpg", personID: "ada") },
    ] {
      #expect((#expect(throws: PhotoError.self) { try attempt() })?.code == .notAPicture)
    }
  }

  @Test("a photo becomes a template of a person who is there, whose name, groups and consent stay, and once only")
  func enrolled() throws {
    let before = try store.createPerson(id: "ada", name: "Ada", groups: ["staff"], consent: consent)
    let photo = try data(Pictures.collins)
    #expect(try enroller.enroll(photo, called: "door.jpg", personID: "ada") == .enrolled)
    let person = try #require(try store.person(id: "ada", withEmbeddings: true))
    #expect((person.name, person.groups) == ("Ada", ["staff"]))
    #expect(person.consent == before.consent)
    #expect(person.updated > before.updated)
    #expect(Set(person.templates.map(\.encoder)) == Set(TemplateEmbeddings.dimensions.keys))
    #expect(
      person.templates.allSatisfy {
        $0.source == "door.jpg" && $0.embedding.count == TemplateEmbeddings.dimensions[$0.encoder]
      })

    #expect(try enroller.enroll(photo, called: "again.jpg", personID: "ada") == .skipped)
    #expect(try store.person(id: "ada", withEmbeddings: true) == person)
  }

  @Test("somebody who is not there is not made")
  func nobody() throws {
    let error = #expect(throws: StoreError.self) {
      try enroller.enroll(data(Pictures.collins), called: "a.png", personID: "ada")
    }
    #expect(error?.code == .notFound)
    #expect(try store.people() == [])
  }

  @Test("a face that is enrolled under other ids is told with all of them, and refused unless it is allowed")
  func duplicates() throws {
    for (id, name) in [("o", "Barack"), ("p", "President"), ("c", "Eileen")] {
      _ = try store.createPerson(id: id, name: name, consent: consent)
    }
    #expect(try enroller.enroll(data(Pictures.obama), called: "1.jpg", personID: "o") == .enrolled)
    #expect(try enroller.enroll(data(Pictures.collins), called: "1.png", personID: "c") == .enrolled)
    // Another photo of the same person is none.
    #expect(try enroller.enroll(data(Pictures.obamaSpeaking), called: "2.jpg", personID: "o") == .enrolled)
    guard case .duplicate(let other) = try enroller.enroll(data(Pictures.obama), called: "1.jpg", personID: "p") else {
      Issue.record("the face has another id already")
      return
    }
    #expect((other.id, other.name) == ("o", "Barack"))
    #expect(try store.person(id: "p")?.templates == [])

    let allowed = try enroller.enroll(data(Pictures.obama), called: "1.jpg", personID: "p", allowDuplicate: true)
    #expect(allowed == .enrolled)
    #expect(Set(try enroller.judge(data(Pictures.obama)).duplicates.map(\.name)) == ["Barack", "President"])
    // Who was renamed or forgotten meanwhile is so here too.
    try store.changePerson(id: "o", name: "Barry")
    _ = try store.forget(id: "p")
    #expect(try enroller.judge(data(Pictures.obama)).duplicates.map(\.name) == ["Barry"])
  }
}
