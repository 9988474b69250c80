import Foundation
import TestResources
import Testing

@Suite("Masked faces on the command line")
struct RecognitionBehindMasksTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("a person who was enrolled bare is known with a mask on, and the log says by what")
  func identify() throws {
    #expect(try rollcall("enroll", Pictures.obama.path, "--name", "Barack Obama", "--consent", "yes").status == 0)
    let masked = folder.url.path + "/masked.png"
    #expect(
      try rollcall("mask", "render", Pictures.obamaStanding.path, "--style", "surgical", "--output", masked).status == 0
    )
    let found = try rollcall("identify", masked, "--largest", "--attendance", "--format", "jsonl")
    #expect(found.status == 0)
    let face = try object(found.output)
    #expect(face["status"] as? String == "known")
    let identity = try #require(face["identity"] as? [String: Any])
    #expect(identity["name"] as? String == "Barack Obama")
    #expect(identity["method"] as? String == "periocular")
    let log = folder.url.path + "/log.csv"
    #expect(try rollcall("attendance", "export", "--output", log).status == 0)
    #expect(try String(contentsOfFile: log, encoding: .utf8).contains(",periocular,"))
  }

  @Test("verification tells bare from covered probes, and compares groups")
  func verification() throws {
    let rows = [
      "\(Pictures.obama.lastPathComponent),\(Pictures.obamaSpeaking.lastPathComponent),1,men",
      "\(Pictures.obama.lastPathComponent),\(Pictures.obamaStanding.lastPathComponent),1,men",
      "\(Pictures.obama.lastPathComponent),\(Pictures.collins.lastPathComponent),0,mixed",
      "\(Pictures.biden.lastPathComponent),\(Pictures.collins.lastPathComponent),0,mixed",
    ]
    let pairs = try folder.write(Data((["a,b,same,who"] + rows).joined(separator: "\n").utf8), to: "pairs.csv").path
    let root = Pictures.obama.deletingLastPathComponent().path
    func figures(_ more: String...) throws -> [String: Any] {
      let result = try rollcall(
        arguments: ["evaluate", "verification", "--pairs", pairs, "--root", root, "--format", "json"] + more)
      #expect(result.status == 0)
      return try object(result.output)
    }
    func groups(_ figures: [String: Any], _ column: String) throws -> [String: [String: Any]] {
      try #require((figures["by"] as? [String: Any])?[column] as? [String: [String: Any]])
    }
    let bare = try figures("--by", "who")
    #expect(bare["accuracy"] as? Double == 1)
    #expect(try groups(bare, "cover").keys.sorted() == ["bare, bare"])
    let who = try groups(bare, "who")
    #expect(who["men"]?["tar"] as? Double == 1 && who["men"]?["far"] is NSNull)
    #expect(who["mixed"]?["far"] as? Double == 0 && who["mixed"]?["tar"] is NSNull)

    let covered = try figures("--cover", "patterned, surgical")
    #expect(covered["failures"] as? Int == 0)
    #expect(try groups(covered, "cover").keys.sorted() == ["bare, covered"])

    let unknown = try rollcall("evaluate", "verification", "--pairs", pairs, "--cover", "balloon")
    #expect(unknown.status == 2 && unknown.errors.contains("balloon") && unknown.errors.contains("patterned"))
    let column = try rollcall("evaluate", "verification", "--pairs", pairs, "--root", root, "--by", "age")
    #expect(column.status != 0 && column.errors.contains("age") && column.errors.contains("who"))
  }

  @Test("identification finds the people behind masks, and says what was asked for and measured")
  func identification() throws {
    for (name, photo, probe) in [
      ("obama", Pictures.obama, Pictures.obamaStanding), ("collins", Pictures.collins, Pictures.collins),
    ] {
      for (kind, file) in [("gallery", photo), ("door", probe)] {
        try folder.write(Data(contentsOf: file), to: "\(kind)/\(name)/\(file.lastPathComponent)")
      }
    }
    try folder.write(Data(contentsOf: Pictures.biden), to: "strangers/\(Pictures.biden.lastPathComponent)")
    let base = folder.url.path
    let result = try rollcall(
      "evaluate", "identification", "--enroll", base + "/gallery", "--probe", base + "/door", "--distractors",
      base + "/strangers", "--cover", "surgical", "--fpir", "0.01", "--format", "json")
    #expect(result.status == 0)
    let figures = try object(result.output)
    #expect(figures["probes"] as? Int == 3)
    #expect(figures["rank1"] as? Double == 1)
    let deployed = try #require(figures["deployed"] as? [String: Any])
    #expect(deployed["fnir"] as? Double == 0)
    #expect(deployed["fpir"] as? Double == 0)
  }
}
