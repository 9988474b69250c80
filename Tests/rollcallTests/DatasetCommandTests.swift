import Foundation
import TestResources
import Testing

/// The training collection as an operator uses it.
@Suite("The command line of the training collection")
struct DatasetCommandTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func path(_ name: String) -> String { folder.url.path + "/" + name }

  @Test("imported, corrected, exported, imported elsewhere, and forgotten")
  func roundTrip() throws {
    for (photo, name) in [
      (Pictures.obama, "none/1.jpg"), (Pictures.biden, "none/2.jpg"), (Pictures.collins, "mask/3.png"),
    ] {
      try folder.write(Data(contentsOf: photo), to: "photos/" + name)
    }
    try folder.write(Data("text".utf8), to: "photos/mask/4.jpg")
    try folder.write(
      Data(
        "file,class,source,name\nnone/1.jpg,no_mask,a,Ann\nnone/2.jpg,none,a,\nmask/3.png,mask,b,\nmask/4.jpg,mask,b,\n"
          .utf8),
      to: "photos/labels.csv")

    let refused = try rollcall("dataset", "import", path("photos"))
    #expect(refused.status == 2)
    #expect(refused.errors.contains("--consent TEXT"))
    let imported = try rollcall("dataset", "import", path("photos"), "--consent", "form 7")
    #expect(imported.status == 1)
    #expect(imported.output.contains("imported 3 photos"))
    #expect(imported.errors.contains("4.jpg: not a picture"))
    let again = try rollcall("dataset", "import", path("photos"), "--consent", "form 7", "--format", "json")
    #expect(try json(again.output)["added"] as? Int == 0)
    #expect(try json(again.output)["skipped"] as? Int == 3)

    // The whole list tells the ids.
    #expect(try rollcall("dataset", "export", path("out")).status == 0)
    let list = try String(contentsOfFile: path("out/labels.csv"), encoding: .utf8)
    let line = try #require(list.components(separatedBy: "\r\n").first { $0.hasPrefix("mask/") })
    let id = String(line.dropFirst(5).prefix(64))
    #expect(line == "mask/\(id).png,mask,b,\(line.contains("val") ? "val" : "train"),form 7,")

    let nameless = try rollcall("dataset", "review", "--correct", "\(id.prefix(12))=none")
    #expect(nameless.status == 2)
    #expect(nameless.errors.contains("--by NAME"))
    let corrected = try rollcall(
      "dataset", "review", "--correct", "\(id.prefix(12))=no_mask", "--by", "Ann", "--reason", "bare")
    #expect(corrected.status == 0)
    #expect(corrected.output.contains("1 label corrected"))
    let summary = try json(rollcall("dataset", "list", "--format", "json").output)
    #expect(summary["photos"] as? Int == 3)
    #expect(summary["corrected"] as? Int == 1)
    #expect((summary["labels"] as? [String: Int]) == ["mask": 0, "incorrect": 0, "covering": 0, "none": 3])
    #expect(try rollcall("dataset", "list").output.contains("corrected"))

    #expect(try rollcall("dataset", "export", path("out")).output.contains("1 of an earlier export removed"))
    let elsewhere = Program(data: folder.url.appendingPathComponent("other"))
    #expect(try elsewhere("dataset", "import", path("out")).status == 0)
    #expect(try elsewhere("dataset", "export", path("copy")).status == 0)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: path("copy/labels.csv")))
        == Data(contentsOf: URL(fileURLWithPath: path("out/labels.csv"))))
    let full = try rollcall("dataset", "export", path("photos"))
    #expect(full.status == 1)
    #expect(full.errors.contains("not empty"))

    #expect(try rollcall("dataset", "forget").status == 2)
    let forgotten = try rollcall("dataset", "forget", "--name", "ann")
    #expect(forgotten.status == 0)
    #expect(forgotten.output.contains("1 photo removed"))
    #expect(forgotten.output.contains("0 references left"))
    #expect(try rollcall("dataset", "forget", String(id.prefix(12))).status == 0)
    #expect(try rollcall("dataset", "forget", String(id.prefix(12))).status == 1)
    #expect(try rollcall("dataset", "forget", "--source", "a").output.contains("1 photo removed"))
    #expect(try json(rollcall("dataset", "list", "--format", "json").output)["photos"] as? Int == 0)
  }

  @Test("a review prints doubtful labels with probabilities, and its folder's list is taken back filled in")
  func review() throws {
    for photo in [Pictures.obama, Pictures.collins] {
      for label in ["mask", "incorrect"] {
        // The same face in two labels: at least one of them is not what the classifier says.
        var data = try Data(contentsOf: photo)
        if photo.pathExtension == "jpg" { data.append(contentsOf: Array(label.utf8)) }
        try folder.write(data, to: "photos/\(label)/\(photo.lastPathComponent)")
      }
    }
    // The PNG stands in both classes: the first one counts.
    #expect(try rollcall("dataset", "import", path("photos"), "--consent", "yes").status == 1)
    let result = try rollcall("dataset", "review", "--format", "json", "--sheet", path("look"))
    #expect(result.status == 0, "\(result.errors)")
    let found = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(!found.isEmpty)
    for item in found {
      let shares = try #require(item["probabilities"] as? [String: Double])
      #expect(abs(shares.values.reduce(0, +) - 1) < 0.01)
      #expect(item["label"] as? String != item["likeliest"] as? String)
    }
    var list = try String(contentsOfFile: path("look/review.csv"), encoding: .utf8)
    #expect(FileManager.default.fileExists(atPath: path("look/sheet-1.jpg")))
    list = list.replacingOccurrences(of: ",,\r\n", with: ",none,bare face\r\n")
    try folder.write(Data(list.utf8), to: "look/review.csv")
    let taken = try rollcall("dataset", "review", "--accept", path("look/review.csv"), "--by", "Ann")
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(taken.output.contains("\(found.count) label"))
    let again = try rollcall("dataset", "review")
    #expect(!found.contains { again.output.contains(String(($0["id"] as? String ?? "").prefix(12))) })
  }
}
