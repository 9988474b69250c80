import Foundation
import TestResources
import Testing

/// Whatever the network says, the counting is the same: these tests hold for any classifier in `models/`.
@Suite("evaluate mask")
struct EvaluateMaskTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
    for (picture, name) in [
      (Pictures.obama, "obama.jpg"), (Pictures.biden, "biden.jpg"), (Pictures.collins, "collins.png"),
    ] {
      try folder.write(Data(contentsOf: picture), to: "photos/\(name)")
    }
    try folder.write(Data("text".utf8), to: "photos/text.jpg")
  }

  private var photos: String { folder.url.path + "/photos" }

  private func labels(_ text: String) throws -> String {
    try folder.write(Data(text.utf8), to: "labels.csv").path
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("the contract's keys, missed faces counted as wrong, and figures by source")
  func figures() throws {
    let labels = try labels(
      """
      file,class,source,split,x,y,w,h
      obama.jpg,no_mask,a,val,,,,
      biden.jpg,none,a,val,,,,
      collins.png,mask,b,val,,,,
      collins.png,none,b,val,0,400,60,60
      collins.png,none,b,train,,,,
      """)
    let result = try rollcall(
      "evaluate", "mask", "--labels", labels, "--root", photos, "--split", "val", "--format", "json")
    #expect(result.status == 0, "\(result.errors)")
    let json = try object(result.output)
    // Where Collins is said to have a second face, there is none.
    #expect(json["faces"] as? Int == 4)
    #expect(json["missed"] as? Int == 1)
    let accuracy = try #require(json["accuracy"] as? Double)
    #expect((0...0.75).contains(accuracy))
    #expect(json["balanced_accuracy"] is Double)
    let perClass = try #require(json["per_class"] as? [String: [String: Any]])
    #expect(Set(perClass.keys) == ["mask", "incorrect", "covering", "none"])
    #expect(perClass.values.allSatisfy { $0["precision"] != nil && $0["recall"] != nil })
    let confusion = try #require(json["confusion"] as? [String: [String: Int]])
    #expect(confusion["none"]?.values.reduce(0, +) == 3)
    #expect(confusion["mask"]?.values.reduce(0, +) == 1)
    #expect(confusion["none"]?["missed"] == 1)
    let sources = try #require(json["by_source"] as? [String: [String: Any]])
    #expect(sources.mapValues { $0["faces"] as? Int } == ["a": 2, "b": 2])
    #expect(json["bad_rows"] as? Int == 0)

    let text = try rollcall("evaluate", "mask", "--labels", labels, "--root", photos, "--by", "split")
    #expect(text.status == 0)
    #expect(text.output.contains("5, 1 of them missed"))
    #expect(text.output.contains("train"))
  }

  @Test("bad rows and unreadable photos are named and counted, and the rest is evaluated")
  func partly() throws {
    let labels = try labels(
      """
      file,class,x,y,w,h
      obama.jpg,none
      obama.jpg,beard
      ,none
      biden.jpg,none,1,2,3
      biden.jpg,none,1,2,3,4,5
      text.jpg,mask
      nowhere.jpg,none
      """)
    let result = try rollcall("evaluate", "mask", "--labels", labels, "--root", photos, "--format", "json")
    #expect(result.status == 1)
    let json = try object(result.output)
    #expect(json["faces"] as? Int == 3)
    #expect(json["missed"] as? Int == 2)
    #expect(json["bad_rows"] as? Int == 4)
    #expect(json["unreadable"] as? Int == 2)
    for complaint in [
      "line 3: “beard” is no class", "line 4: the cell “file” is empty", "line 5: x, y, w and h are no box",
      "line 6: 7 cells", "text.jpg: not a picture", "nowhere.jpg: cannot be read",
    ] {
      #expect(result.errors.contains(complaint), "\(result.errors)")
    }
  }

  @Test("a report, with and without photos, and what stops it before the work")
  func report() throws {
    // Nobody wears a mask in these, so that there are mistakes to show.
    let labels = try labels("file,class\nobama.jpg,mask\nbiden.jpg,incorrect\ncollins.png,covering\nobama.jpg,none\n")
    let log = try folder.write(
      Data("epoch,train_loss,val_loss,train_accuracy,val_accuracy\n1,1,1,0.5,0.5\n2,0.5,0.6,0.8,0.7\n".utf8),
      to: "log.csv")
    let target = folder.url.path + "/report"
    let arguments = { (extra: [String]) in
      ["evaluate", "mask", "--labels", labels, "--root", self.photos, "--report", target] + extra
    }
    let result = try rollcall(arguments: arguments(["--training-log", log.path]))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("report/index.html"))
    let page = try String(contentsOfFile: target + "/index.html", encoding: .utf8)
    #expect(page.contains("data:image/jpeg"))
    #expect(page.contains("<h2>Training</h2>"))
    #expect(FileManager.default.fileExists(atPath: target + "/confusion.png"))

    #expect(try rollcall(arguments: arguments(["--no-photos"])).status == 0)
    let bare = try String(contentsOfFile: target + "/index.html", encoding: .utf8)
    #expect(!bare.contains("data:image/jpeg") && bare.contains("left out"))

    let without = Program(data: folder.url, environment: ["PATH": folder.url.path])
    let refused = try without(arguments: arguments([]))
    #expect(refused.status == 1)
    #expect(refused.errors.contains("gnuplot-nox"))
  }

  @Test("columns and splits that are not there are refused, naming those that are")
  func selection() throws {
    let labels = try labels("file,class,split\nobama.jpg,none,val\n")
    for (arguments, advice) in [
      (["--split", "test"], "there are: val"), (["--by", "camera"], "it has file, class, split"),
    ] {
      let result = try rollcall(arguments: ["evaluate", "mask", "--labels", labels, "--root", photos] + arguments)
      #expect(result.status == 1)
      #expect(result.errors.contains(advice), "\(result.errors)")
    }
  }
}
