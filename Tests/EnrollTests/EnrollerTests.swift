import Enroll
import Faces
import Foundation
import Recognize
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Enrolling", .serialized)
struct EnrollerTests {
  private static let engine = Result { try FaceEngine(models: Models.find()) }

  private let folder: TemporaryFolder
  private let store: Store
  private let consent = Consent(text: "policy 3, signed", date: Date(timeIntervalSince1970: 1_700_000_000))

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(.embedded(dataFolder: folder.url.appendingPathComponent("data")))
  }

  private func enroll(_ plan: EnrolmentPlan, allowDuplicate: Bool = false, drawsMasks: Bool = false) throws
    -> EnrolmentReport
  {
    try enroller(allowDuplicate: allowDuplicate, drawsMasks: drawsMasks).enroll(plan, consent: consent)
  }

  private func enroller(allowDuplicate: Bool = false, drawsMasks: Bool = false) throws -> Enroller {
    Enroller(
      try Self.engine.get(), try ImpostorModels(models: Models.find()), store: store,
      options: .init(allowDuplicate: allowDuplicate, allowCovered: true, drawsMasks: drawsMasks))
  }

  private func plan(_ id: String, _ photos: URL...) -> EnrolmentPlan {
    EnrolmentPlan(entries: [.init(id: id, name: "Name of \(id)", groups: ["staff"], photos: photos.map(\.path))])
  }

  /// A changed copy of the portrait, as a file.
  private func portrait(_ name: String, of file: URL = Pictures.collins, _ change: (Image) throws -> Image) throws
    -> URL
  {
    let image = try Photo(decoding: Photo.read(file.path)).image
    return try folder.write(change(image).encoded(as: .png), to: name)
  }

  private func shaded(_ image: Image, _ change: (UInt8) -> Double) throws -> Image {
    let rgb = image.withPixels { $0.map { UInt8(min(255, max(0, change($0)))) } }
    return try Image(rgb: rgb, width: image.width, height: image.height)
  }

  @Test("a photo becomes a template with the consent, and the same photo again is skipped")
  func once() throws {
    let first = try enroll(plan("ada", Pictures.collins))
    #expect((first.enrolled, first.skipped, first.isClean) == (1, 0, true))
    let person = try #require(try store.person(id: "ada", withEmbeddings: true))
    #expect(person.name == "Name of ada")
    #expect(person.groups == ["staff"])
    #expect(person.consent.text == "policy 3, signed")
    #expect(person.photos.count == 1)
    #expect(person.templates.map(\.encoder) == [FaceEncoder.identifier, SecondEncoder.identifier])
    #expect(person.templates[0].source == "astronaut.png")
    #expect(person.templates[0].embedding.count == 128)

    let second = try enroll(plan("ada", Pictures.collins, Pictures.collins))
    #expect((second.enrolled, second.skipped, second.isClean) == (0, 2, true))
    #expect(try store.person(id: "ada")?.photos.count == 1)
  }

  @Test("a photo is also learnt behind masks, and one that was enrolled before that learns it when it comes again")
  func covered() throws {
    #expect(try enroll(plan("ada", Pictures.collins)).enrolled == 1)
    let impostors = try ImpostorModels(models: Models.find())

    #expect(try enroll(plan("ada", Pictures.collins), drawsMasks: true).enrolled == 1)
    let person = try #require(try store.person(id: "ada"))
    #expect(Set(person.templates.map(\.encoder)) == Set(TemplateEmbeddings.dimensions.keys))
    #expect(person.templates.count == 4)
    #expect(person.photos.count == 1)
    let people = try Roster(store, impostors)
    #expect(people.matcher.gallery.count == 1 && people.names == ["ada": "Name of ada"])

    #expect(try enroll(plan("ada", Pictures.collins), drawsMasks: true).skipped == 1)
    #expect(try enroll(plan("ada", Pictures.collins)).skipped == 1)
  }

  @Test("a face under another ID is not enrolled and both names are told, unless duplicates are allowed")
  func duplicates() throws {
    _ = try enroll(plan("barack", Pictures.obama))
    let report = try enroll(plan("impostor", Pictures.obamaSpeaking))
    #expect(report.enrolled == 0)
    let problem = try #require(report.problems.first)
    #expect(problem.code == "duplicate")
    #expect(problem.reason.contains("Name of impostor") && problem.reason.contains("Name of barack"))
    #expect(try store.person(id: "impostor") == nil)

    #expect(try enroll(plan("impostor", Pictures.obamaSpeaking), allowDuplicate: true).enrolled == 1)
    #expect(try store.people().map(\.id) == ["barack", "impostor"])
  }

  @Test("other people and more photos of the same person are no duplicates")
  func noDuplicates() throws {
    let report = try enroll(
      EnrolmentPlan(entries: [
        .init(id: "o", name: "O", photos: [Pictures.obama.path, Pictures.obamaSpeaking.path]),
        .init(id: "b", name: "B", photos: [Pictures.biden.path]),
        .init(id: "c", name: "C", photos: [Pictures.collins.path]),
      ]))
    #expect(report.enrolled == 4)
    #expect(report.people == 3)
  }

  @Test("every bad photo is named with its reason, and all the good ones are enrolled")
  func badPhotos() throws {
    let whole = try Data(contentsOf: Pictures.obama)
    let bad: [(URL, String)] = [
      (try folder.write(Data(), to: "empty.jpg"), "empty"),
      (try folder.write(Data("hello".utf8), to: "text.jpg"), "not-a-picture"),
      (try folder.write(whole.prefix(whole.count / 2), to: "half.jpg"), "truncated"),
      (folder.url.appendingPathComponent("gone.jpg"), "unreadable"),
      (try portrait("nobody.png") { try $0.cropped(x: 0, y: 300, width: 150, height: 150) }, "no-face"),
      (
        try portrait("two.png") {
          try Image.composed(
            width: 1024, height: 512, background: (red: 9, green: 9, blue: 9), [($0, 0, 0), ($0, 512, 0)])
        }, "several-faces"
      ),
      (try portrait("small.png") { try $0.resized(width: 200, height: 200) }, "too-small"),
      (
        try portrait("blurred.png") { try $0.resized(width: 75, height: 75).resized(width: 512, height: 512) },
        "blurred"
      ),
      (try portrait("dark.png") { try shaded($0) { Double($0) * 0.12 } }, "too-dark"),
      (try portrait("blown.png") { try shaded($0) { Double($0) * 1.6 } }, "blown-out"),
    ]
    var plan = plan("ada", Pictures.collins)
    plan.entries[0].photos += bad.map(\.0.path)
    plan.entries.append(.init(id: "joe", name: "Joe", photos: [Pictures.biden.path]))
    let report = try enroll(plan)
    #expect(report.enrolled == 2)
    #expect(report.problems.map(\.file) == bad.map(\.0.path))
    #expect(report.problems.map(\.code) == bad.map(\.1))
    #expect(report.problems.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("a run that was stopped is gone on with by running it again")
  func resume() throws {
    struct Stop: Error {}
    // Two batches of pictures that differ in one pixel each: enough that the first is stored when the run stops.
    let base = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let photos = try (0..<24).map { index in
      let rgb = base.withPixels { pixels in
        var copy = Array(pixels)
        copy[index] = copy[index] &+ 1
        return copy
      }
      return try folder.write(
        Image(rgb: rgb, width: base.width, height: base.height).encoded(as: .png), to: "\(index).png")
    }
    let plan = EnrolmentPlan(entries: [.init(id: "ada", name: "Ada", photos: photos.map(\.path))])
    let enroller = try enroller()
    var seen = 0
    #expect(throws: Stop.self) {
      try enroller.enroll(plan, consent: consent) { _ in
        seen += 1
        if seen == 20 { throw Stop() }
      }
    }
    #expect(try store.person(id: "ada")?.photos.count == 16)
    let report = try enroll(plan)
    #expect((report.enrolled, report.skipped) == (8, 16))
    #expect(try store.person(id: "ada")?.photos.count == 24)
  }
}
