import Enroll
import Faces
import Foundation
import Mask
import Recognize
import Store
import TestResources
import Testing
import Vision

@Suite("Enrolling covered faces")
struct CoveredFaceTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(.embedded(dataFolder: folder.url.appendingPathComponent("data")))
  }

  private func report(refusing: Bool) throws -> EnrolmentReport {
    let photo = try folder.write(Pictures.masked(Pictures.obama).encoded(as: .png), to: "masked.png")
    let enroller = Enroller(
      try FaceEngine(models: Models.find()), try ImpostorModels(models: Models.find()), store: store,
      options: .init(allowCovered: !refusing, drawsMasks: false))
    return try enroller.enroll(
      EnrolmentPlan(entries: [.init(id: "o", name: "O", photos: [photo.path, Pictures.obama.path])]),
      consent: Consent(text: "yes", date: Date(timeIntervalSince1970: 0)))
  }

  @Test("are refused, with the reason and what to do next, and bare ones are enrolled")
  func refused() throws {
    let report = try report(refusing: true)
    #expect(report.enrolled == 1)
    let problem = try #require(report.problems.first)
    #expect(["masked", "covered"].contains(problem.code))
    #expect(problem.reason.contains("take"))
    #expect(try store.person(id: "o")?.photos.map(\.source) == ["obama.jpg"])
  }

  @Test("are enrolled when that is asked for")
  func allowed() throws {
    #expect(try report(refusing: false).enrolled == 2)
  }
}
