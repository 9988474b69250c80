import Enroll
import Faces
import Foundation
import Recognize
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Photos that do not show their person", .serialized)
struct StrayPhotoTests {
  private static let engine = Result { try FaceEngine(models: Models.find()) }

  private let folder: TemporaryFolder
  private let store: Store
  private let consent = Consent(text: "policy 3, signed", date: Date(timeIntervalSince1970: 1_700_000_000))

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(.embedded(dataFolder: folder.url.appendingPathComponent("data")))
  }

  private func enroller(allowDifferent: Bool = false) throws -> Enroller {
    Enroller(
      try Self.engine.get(), try ImpostorModels(models: Models.find()), store: store,
      options: .init(allowDifferent: allowDifferent, drawsMasks: false))
  }

  private func enroll(_ entries: EnrolmentPlan.Entry..., allowDifferent: Bool = false) throws -> EnrolmentReport {
    try enroller(allowDifferent: allowDifferent).enroll(EnrolmentPlan(entries: entries), consent: consent)
  }

  private func entry(_ id: String, _ name: String, _ photos: URL...) -> EnrolmentPlan.Entry {
    .init(id: id, name: name, photos: photos.map(\.path))
  }

  /// A copy of a photo with a border of its own, so that it is another file.
  private func copy(_ file: URL, _ number: Int) throws -> URL {
    let image = try Photo(decoding: Photo.read(file.path)).image
    let larger = try image.cropped(x: -number, y: -number, width: image.width + number, height: image.height + number)
    return try folder.write(larger.encoded(as: .png), to: "\(number)-\(file.lastPathComponent).png")
  }

  private func sources(_ id: String) throws -> [String] { try store.person(id: id)?.photos.map(\.source) ?? [] }

  @Test("a photo of somebody else under an ID is refused with the name, and the person's own photo is enrolled")
  func enrolledPerson() throws {
    #expect(try enroll(entry("1", "Alex Kim", Pictures.obama)).isClean)
    let report = try enroll(entry("1", "Alex Kim", Pictures.biden, Pictures.obamaSpeaking))
    #expect(report.enrolled == 1)
    let problem = try #require(report.problems.first)
    #expect((problem.file, problem.code) == (Pictures.biden.path, "different"))
    #expect(problem.reason.contains("Alex Kim (1)"))
    #expect(try sources("1") == ["obama.jpg", "obama2.jpg"])
    #expect(try enroll(entry("1", "Alex Kim", Pictures.biden), allowDifferent: true).enrolled == 1)
  }

  @Test("if the photo looks like another person who is enrolled, that name is told too")
  func bothNames() throws {
    #expect(try enroll(entry("1", "Alex Kim", Pictures.obama), entry("2", "Joe", Pictures.biden)).isClean)
    let shown = try copy(Pictures.biden, 9)
    let report = try enroll(entry("1", "Alex Kim", shown))
    let problem = try #require(report.problems.first)
    #expect(problem.code == "another")
    #expect(problem.reason.contains("Alex Kim (1)") && problem.reason.contains("Joe (2)"))
    // One permission is not the other.
    #expect(try enroll(entry("1", "Alex Kim", shown), allowDifferent: true).problems.map(\.code) == ["duplicate"])
    #expect(try sources("1") == ["obama.jpg"])
  }

  @Test("the one photo of five that shows somebody else is refused, wherever it stands", arguments: [0, 2, 4])
  func oneOfFive(place: Int) throws {
    var photos = [
      Pictures.obama, Pictures.obamaSpeaking, Pictures.obamaStanding, try copy(Pictures.obamaSpeaking, 7),
    ].map(\.path)
    photos.insert(Pictures.biden.path, at: place)
    let report = try enroll(.init(id: "1", name: "Alex Kim", photos: photos))
    #expect(report.enrolled == 4)
    #expect(report.problems.map(\.file) == [Pictures.biden.path])
    #expect(report.problems.first?.reason.contains("Alex Kim (1)") == true)
    #expect(try sources("1").contains("biden.jpg") == false)
  }

  @Test("of two photos that do not fit each other the second is refused, and both files are named")
  func two() throws {
    for (first, second) in [(Pictures.obama, Pictures.biden), (Pictures.biden, Pictures.obama)] {
      let report = try enroll(entry(first.lastPathComponent, first.lastPathComponent, first, second))
      let problem = try #require(report.problems.first)
      #expect(report.enrolled == 1 && problem.file == second.path && problem.reason.contains(first.path))
      _ = try store.forget(id: first.lastPathComponent)
    }
  }

  @Test("copies of the wrong photo are no majority")
  func copies() throws {
    let copy = try folder.write(Data(contentsOf: Pictures.biden), to: "copy.jpg")
    let report = try enroll(
      entry("1", "Alex Kim", Pictures.biden, copy, Pictures.obama, Pictures.obamaSpeaking))
    #expect(report.problems.map(\.file) == [Pictures.biden.path, copy.path])
  }

  @Test("nothing is enrolled of a folder that shows many people, which is told once, and the rest of it is not read")
  func manyPeople() throws {
    var photos: [String] = []
    for number in 1...6 {
      photos += try [Pictures.obama, Pictures.biden, Pictures.collins].map { try copy($0, number).path }
    }
    photos += try (0..<40).map { try folder.write(Data("text".utf8), to: "z\($0).jpg").path }
    let report = try enroll(
      .init(id: "all", name: "All", photos: photos), entry("1", "Alex Kim", Pictures.obamaStanding))
    #expect(report.enrolled == 1)
    #expect(try store.people().map(\.id) == ["1"])
    #expect(report.lines.count == photos.count + 1)
    let problem = try #require(report.problems.first)
    #expect((problem.code, problem.file) == ("mixed", folder.url.path))
    #expect(problem.reason.contains("different people") && problem.reason.contains("one folder per person"))
    // What lay ready when it was clear was read.
    #expect(report.problems.count < 10)
    #expect(report.lines[photos.count - 1].outcome != .enrolled)
    #expect(report.lines.suffix(30).dropLast().allSatisfy { if case .mixed = $0.outcome { true } else { false } })
  }

  @Test("a name that another ID has is refused with both IDs, unless two people may have one name")
  func names() throws {
    _ = try store.createPerson(id: "3", name: "Alex Kim", consent: consent)
    let report = try enroll(entry("7", "alex  kim", Pictures.obama), entry("8", "Joe", Pictures.biden))
    #expect(report.problems.map(\.code) == ["name-taken"])
    #expect(report.problems.first?.reason.contains("(7)") == true)
    #expect(report.problems.first?.reason.contains("ID 3") == true)
    #expect(try store.people().map(\.id) == ["3", "8"])
    #expect(try enroll(entry("7", "Alex Kim", Pictures.obama), allowDifferent: true).isClean)
    // A person who has the name keeps it.
    #expect(try enroll(entry("7", "Alex Kim", Pictures.obamaSpeaking)).isClean)
  }

  @Test("two IDs of one plan with one name are told too")
  func namesOfPlan() throws {
    let report = try enroll(entry("7", "Alex Kim", Pictures.obama), entry("8", "Alex Kim", Pictures.biden))
    #expect(report.enrolled == 1)
    #expect(report.problems.map(\.file) == [Pictures.biden.path])
    #expect(report.problems.first?.reason.contains("ID 7") == true)
  }

  @Test("a photo that comes as bytes is compared with the person's templates")
  func single() throws {
    _ = try store.createPerson(id: "1", name: "Alex Kim", consent: consent)
    let enroller = try enroller()
    #expect(try enroller.enroll(Data(contentsOf: Pictures.obama), called: "a.jpg", personID: "1") == .enrolled)
    let biden = try Data(contentsOf: Pictures.biden)
    guard case .stray(let stray) = try enroller.enroll(biden, called: "b.jpg", personID: "1") else {
      Issue.record("it shows somebody else")
      return
    }
    #expect(stray.person == PersonName(id: "1", name: "Alex Kim"))
    #expect((stray.reference, stray.like) == (.templates, nil))
    #expect(try enroller.enroll(biden, called: "b.jpg", personID: "1", allowDifferent: true) == .enrolled)
  }
}
