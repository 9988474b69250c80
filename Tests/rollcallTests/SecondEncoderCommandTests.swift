import Foundation
import Recognize
import TestResources
import Testing

@Suite("The second encoder on the command line")
struct SecondEncoderCommandTests {
  private let folder: TemporaryFolder
  private let rollcall: Program
  /// The program in a house that has taken the second encoder's files away.
  private let without: Program

  init() throws {
    folder = try TemporaryFolder()
    let data = folder.url.appendingPathComponent("data")
    let models = folder.url.appendingPathComponent("models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    let all = try Models.find()
    for name in try FileManager.default.contentsOfDirectory(atPath: all.folder.path) where !name.hasPrefix("second-") {
      try FileManager.default.createSymbolicLink(
        at: models.appendingPathComponent(name), withDestinationURL: all.folder.appendingPathComponent(name))
    }
    rollcall = Program(data: data)
    without = Program(data: data, environment: ["ROLLCALL_MODELS": models.path])
  }

  @Test("people who were enrolled without it are known, told, and seen by it when their photos come again")
  func earlier() throws {
    func enroll(_ program: Program) throws -> Int32 {
      try program("enroll", Pictures.obama.path, "--name", "Ann", "--id", "7").status
    }
    #expect(try enroll(without) == 0)
    let doctor = try without("doctor")
    #expect(doctor.output.contains("second encoder") && doctor.output.contains("put second-encoder.onnx"))
    #expect(try without("people", "list").errors.isEmpty)

    #expect(try rollcall("people", "list").errors.contains("enrolled without the second encoder: Ann (7)"))
    #expect(try rollcall("doctor").output.contains("enrolled without the second encoder: Ann (7)"))
    #expect(try rollcall("identify", Pictures.obamaSpeaking.path).output.contains("Ann"))
    #expect(try enroll(rollcall) == 0)
    #expect(try rollcall("people", "list").errors.isEmpty)
    // What the second encoder has made is left alone where it was taken away again.
    #expect(try without("identify", Pictures.obamaSpeaking.path).output.contains("Ann"))
  }

  @Test("of two people who are equally near neither is sure, and both are told")
  func twins() throws {
    for (photo, name) in [(Pictures.obama, "Ann"), (Pictures.obamaSpeaking, "Bea")] {
      #expect(try rollcall("enroll", photo.path, "--name", name, "--allow-duplicate").status == 0)
    }
    let shown = try rollcall("identify", Pictures.obamaStanding.path)
    #expect(shown.output.contains("Ann or Bea") || shown.output.contains("Bea or Ann"))
    let result = try rollcall("identify", Pictures.obamaStanding.path, "--format", "jsonl").output
    let line = try #require(JSONSerialization.jsonObject(with: Data(result.utf8)) as? [String: Any])
    let identity = try #require(line["identity"] as? [String: Any])
    let rival = try #require(identity["rival"] as? [String: String])
    #expect(Set([rival["name"], identity["name"] as? String]) == ["Ann", "Bea"])
    #expect(try #require(identity["confidence"] as? Double) < 0.95)
  }
}
