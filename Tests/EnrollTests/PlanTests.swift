import Enroll
import Foundation
import TestResources
import Testing
import Vision

@Suite("Planning an enrolment")
struct PlanTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private var root: String { folder.url.path }

  @discardableResult
  private func file(_ path: String) throws -> String { try folder.write(Data([1]), to: path).path }

  private func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
  }

  @Test("a folder is a person, its name the ID and, with blanks, the name")
  func folders() throws {
    let one = try file("Ada_Lovelace/b.jpg")
    let two = try file("Ada_Lovelace/more/a.PNG")
    try file("Ada_Lovelace/notes.txt")
    try file("Ada_Lovelace/.hidden.jpg")
    let three = try file("1042/x.webp")
    let plan = try EnrolmentPlan.folders([root])
    #expect(plan.problems.isEmpty)
    #expect(
      plan.entries == [
        .init(id: "1042", name: "1042", photos: [three]),
        .init(id: "Ada_Lovelace", name: "Ada Lovelace", photos: [one, two]),
      ])
  }

  @Test("names with blanks, emoji and line ends are taken as they are, and make an ID without control characters")
  func oddNames() throws {
    let odd = try file("Zoë 😀\nBlue/my photo\n1.jpg")
    let plan = try EnrolmentPlan.folders([root])
    #expect(plan.entries == [.init(id: "Zoë 😀 Blue", name: "Zoë 😀 Blue", photos: [odd])])
  }

  @Test("a photo outside the people's folders is named as a problem, and the people go on")
  func loosePhotos() throws {
    try file("Ada/a.jpg")
    let loose = try file("stray.jpg")
    let plan = try EnrolmentPlan.folders([root])
    #expect(plan.entries.map(\.id) == ["Ada"])
    #expect(plan.problems.map(\.file) == [loose])
    #expect(plan.problems.map(\.code) == ["no-person"])
  }

  @Test("photos without a folder or a name ask whom they show")
  func noPeople() throws {
    let photo = try file("a.jpg")
    for path in [root, photo] {
      let error = #expect(throws: PlanError.self) { try EnrolmentPlan.folders([path]) }
      #expect(error?.description.contains("say whom") == true && error?.needsName == true)
    }
    #expect(throws: PlanError.self) { try EnrolmentPlan.folders([root + "/gone"]) }
  }

  @Test("links that lead in a circle are named, and everything else is found once")
  func linkLoops() throws {
    let photo = try file("Ada/a.jpg")
    try link("Ada/again", to: "..")
    try link("Ada/one.jpg", to: "two.jpg")
    try link("Ada/two.jpg", to: "one.jpg")
    try link("Ada/gone.jpg", to: "nowhere.jpg")
    let plan = try EnrolmentPlan.folders([root])
    #expect(plan.entries.map(\.photos) == [[photo]])
    let codes = Dictionary(plan.problems.map { (($0.file as NSString).lastPathComponent, $0.code) }) { first, _ in first
    }
    #expect(codes["one.jpg"] == "link-loop")
    #expect(codes["two.jpg"] == "link-loop")
    #expect(codes["gone.jpg"] == "unreadable")
    #expect(plan.problems.contains { $0.code == "link-loop" && $0.file.contains("again") })
  }

  @Test("with a name, everything below the paths shows one person")
  func named() throws {
    let paths = [try file("x/a.jpg"), try file("y/b.jpg")]
    let plan = EnrolmentPlan.person(id: "7", name: "Ada", groups: ["staff"], paths: [paths[0], root + "/y"])
    #expect(plan.entries == [.init(id: "7", name: "Ada", groups: ["staff"], photos: paths)])
  }

  @Test("a roster gives ID, name, groups, consent and photos, relative to itself")
  func roster() throws {
    let photos = [try file("photos/ada 1.jpg"), try file("photos/ada2.jpg"), try file("bob/b.jpg")]
    let csv = """
      id,name,group,consent,photos
      1042,"Lovelace, Ada",staff|night,2026-09-01,photos/ada 1.jpg | photos/ada2.jpg
      1043,Bob,,2026-09-02,bob
      1044,Carol,,,photos/ada2.jpg
      ,Nobody,,2026-09-02,bob
      1045,Dan,,2026-09-02,nowhere.jpg
      """
    let list = try folder.write(Data(csv.utf8), to: "staff.csv").path
    let plan = try EnrolmentPlan.roster(list, timeZone: .gmt)
    #expect(plan.entries.map(\.id) == ["1042", "1043", "1045"])
    #expect(plan.entries[0].name == "Lovelace, Ada")
    #expect(plan.entries[0].groups == ["staff", "night"])
    #expect(plan.entries[0].photos == Array(photos[0...1]))
    #expect(plan.entries[0].consented == ISO8601DateFormatter().date(from: "2026-09-01T00:00:00Z"))
    #expect(plan.entries[1].photos == [photos[2]])
    #expect(plan.problems.map(\.code) == ["no-consent", "roster", "unreadable"])
    #expect(plan.problems[0].file.hasSuffix("staff.csv, line 4"))
  }

  @Test("a roster may call its columns as the office does")
  func rosterNames() throws {
    let photo = try file("a.jpg")
    let csv = "ID;Name;Groups;Consent Date;Photo_Paths\r\n7;Ada;staff;2026-09-01;a.jpg\r\n"
    let list = try folder.write(Data(csv.utf8), to: "staff.csv").path
    let plan = try EnrolmentPlan.roster(list, timeZone: .gmt)
    #expect(plan.problems.isEmpty)
    #expect(plan.entries.map(\.groups) == [["staff"]])
    #expect(plan.entries.map(\.photos) == [[photo]])
  }

  @Test("a roster without a column says which")
  func rosterColumns() throws {
    let list = try folder.write(Data("id,name,photos\n1,A,a.jpg\n".utf8), to: "staff.csv").path
    let error = #expect(throws: PlanError.self) { try EnrolmentPlan.roster(list, timeZone: .gmt) }
    #expect(error?.description.contains("consent") == true)
  }
}
