import Dataset
import Foundation
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Exporting a training collection", .serialized)
struct ExportTests {
  private let collection: Collection

  init() throws {
    collection = try Collection()
    for number in 1...4 { try collection.write(Collection.picture(UInt64(number)), to: "in/\(number).png") }
    try collection.write(
      list: """
        file,class,source,split,consent,name
        1.png,mask,web,val,form 7,Ada
        2.png,none,'@door,train,"form 8, signed",
        3.png,covering,web,train,form 7,
        4.png,incorrect,web,test,'=form,
        """, to: "in")
    try collection.load("in")
  }

  private func export(_ name: String, from store: Store? = nil) throws -> DatasetExport.Report {
    try DatasetExport(store ?? collection.store, to: collection.path(name)).run()
  }

  private func list(_ name: String) throws -> [String] {
    try String(contentsOfFile: collection.path(name + "/labels.csv"), encoding: .utf8).components(separatedBy: "\r\n")
  }

  private func photo(_ number: Int) throws -> TrainingPhoto { try collection.photos()[number - 1] }

  @Test("an export has the photos and the list, and importing it elsewhere and exporting that gives the same bytes")
  func roundTrip() throws {
    let report = try export("out")
    #expect((report.photos, report.removed, report.problems.isEmpty) == (4, 0, true))
    let lines = try list("out")
    #expect(lines.count == 6)
    #expect(lines[0] == "file,class,source,split,consent,name")
    #expect(lines.contains("mask/\(try photo(1).id).png,mask,web,val,form 7,Ada"))
    #expect(lines.contains("none/\(try photo(2).id).png,none,'@door,train,\"form 8, signed\","))
    let original = try Data(contentsOf: URL(fileURLWithPath: collection.path("in/1.png")))
    let file = collection.path("out/mask/\(try photo(1).id).png")
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == original)

    let other = try collection.another("other")
    let copied = try DatasetImporter(store: other).run(ImportPlan(folder: collection.path("out")))
    #expect((copied.added, copied.moved, copied.problems.isEmpty) == (4, 0, true))
    _ = try export("again", from: other)
    #expect(try list("again") == lines)
  }

  @Test("a corrected label is exported, in its own folder; the one that the photo came with stays in the collection")
  func corrected() throws {
    let id = try photo(1).id
    _ = try export("out")
    var corrections = Corrections()
    let said = TrainingPhoto.Correction(label: .none, by: "Ann", reason: "a beard")
    try corrections.add(String(id.prefix(10)), said, in: collection.store)
    #expect(try corrections.apply(to: collection.store) == 1)
    let report = try export("out")
    #expect((report.photos, report.removed) == (4, 1))
    #expect(try list("out").contains("none/\(id).png,none,web,val,form 7,Ada"))
    #expect(!FileManager.default.fileExists(atPath: collection.path("out/mask/\(id).png")))
    #expect(try photo(1).label == .mask)
    // Neither the first nor the corrected label is news.
    #expect(try collection.load("in").problems.isEmpty)
    #expect(try collection.load("out").problems.isEmpty)
  }

  @Test("a list of corrections is taken as far as it can be used")
  func acceptList() throws {
    let photos = try collection.photos()
    let text = """
      id,label,correct,reason
      \(photos[0].id),mask,incorrect,nose out
      \(photos[1].id.prefix(12)),none,no_mask,
      \(photos[2].id),covering,,
      \(photos[3].id),incorrect,helmet,
      ffffffffffff,mask,none,
      """
    let file = try collection.folder.write(Data(text.utf8), to: "review.csv").path
    var corrections = Corrections()
    try corrections.add(list: file, by: "Ann", reason: "looked at it", in: collection.store)
    #expect(corrections.entries.map(\.id) == [photos[0].id, photos[1].id])
    #expect(corrections.entries.map(\.correction.reason) == ["nose out", "looked at it"])
    #expect(corrections.problems.map(\.code) == ["no-class", "missing"])
    #expect(try corrections.apply(to: collection.store) == 1)
    #expect(try collection.photos().map(\.current) == [.incorrect, .none, .covering, .incorrect])
    #expect(try collection.photos().map(\.corrections.count) == [1, 1, 0, 0])
    var vague = Corrections()
    #expect(throws: DatasetError.self) {
      try vague.add("", .init(label: .none, by: "Ann", reason: "x"), in: collection.store)
    }
  }

  @Test("what was forgotten leaves an earlier export, and other files in it stay")
  func forgotten() throws {
    let id = try photo(1).id
    _ = try export("out")
    try collection.folder.write(Data("mine".utf8), to: "out/mask/notes.txt")
    let result = try collection.store.forgetTrainingPhotos(.init(name: "ada"))
    #expect((result.photos, result.remaining) == (1, 0))
    let report = try export("out")
    #expect((report.photos, report.removed) == (3, 1))
    #expect(!FileManager.default.fileExists(atPath: collection.path("out/mask/\(id).png")))
    #expect(FileManager.default.fileExists(atPath: collection.path("out/mask/notes.txt")))
  }

  @Test("a folder with other things in it is refused and left as it is")
  func refused() throws {
    try collection.folder.write(Data("mine".utf8), to: "mine/letter.txt")
    #expect(throws: DatasetError.self) { try export("mine") }
    #expect(throws: DatasetError.self) { try export("in") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: collection.path("mine")) == ["letter.txt"])
  }
}
