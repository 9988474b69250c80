import Foundation
import TestResources
import Testing

/// The contract of the command line, kept by running the program itself.
@Suite("The command line")
struct CommandLineTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
  }

  @Test(
    "every verb's help teaches with an example",
    arguments: [
      ["enroll"], ["identify"], ["mask"], ["people"], ["people", "list"], ["people", "show"], ["people", "rename"],
      ["people", "forget"], ["attendance"], ["attendance", "list"], ["attendance", "export"], ["attendance", "mark"],
      ["attendance", "void"], ["attendance", "masks"], ["evaluate"],
      ["mask", "render"], ["evaluate", "verification"], ["evaluate", "identification"], ["evaluate", "detection"],
      ["evaluate", "mask"], ["dataset"], ["dataset", "import"], ["dataset", "list"], ["dataset", "review"],
      ["dataset", "export"], ["dataset", "forget"], ["bench"], ["doctor"],
    ])
  func help(verb: [String]) throws {
    let words = verb + ["--help", "", ""]
    let result = try words.count == 4 ? rollcall(words[0], words[1]) : rollcall(words[0], words[1], words[2])
    #expect(result.status == 0)
    #expect(result.output.contains("rollcall " + verb.joined(separator: " ")))
    #expect(result.output.uppercased().contains("EXAMPLES"))
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test("a wrong command line exits 2 and says what to type instead")
  func usage() throws {
    for (result, advice) in [
      (try rollcall("enrol", "x"), "enroll"), (try rollcall("identify"), "rollcall identify"),
      (try rollcall("identify", "x", "--anotate", "y"), "--annotate"),
      (try rollcall("enroll", Pictures.obama.path), "--name"), (try rollcall("enroll"), "PEOPLE_FOLDER"),
      (try rollcall("people", "forgot", "1"), "forget"), (try rollcall("identify", "x", "--format", "xml"), "jsonl"),
      (try rollcall("identify", "x", "--fpir", "2"), "0.5"),
      (try rollcall("attendance", "list", "--from", "tomorrow"), "2026"),
      (try rollcall("attendance", "list", "--day-start", "25:00"), "04:00"),
      (try rollcall("attendance", "export", "--format", "xlsx"), "--output"),
      (try rollcall("attendance", "mark", "1", "--by", "Ann", "--reason", "x"), "--in or --out"),
      (try rollcall("attendance", "mark", "1", "--in", "--out", "--by", "Ann", "--reason", "x"), "--in or --out"),
      (try rollcall("attendance", "mark", "1", "--in", "--reason", "x"), "--by"),
      (try rollcall("attendance", "mark", "1", "--in", "--by", "Ann"), "--reason"),
      (try rollcall("attendance", "mark", "1", "--in", "--time", "2026-11-01", "--by", "A", "--reason", "x"), "T17:05"),
      (
        try rollcall("attendance", "mark", "1", "--in", "--time", "2999-11-01T08:00", "--by", "A", "--reason", "x"),
        "yet"
      ),
      (try rollcall("attendance", "void", "x", "--by", "Ann"), "--reason"),
      (try rollcall("attendance", "masks", "--picture", "x.jpg"), ".svg"),
      (try rollcall("evaluate", "verification"), "--pairs"), (try rollcall("evaluate", "mask"), "--labels"),
      (try rollcall("evaluate", "mask", "--labels", "x", "--training-log", "y"), "--report"),
    ] {
      #expect(result.status == 2)
      #expect(result.errors.contains(advice), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
  }

  @Test("a database that does not answer is an error with advice, within seconds")
  func noDatabase() throws {
    let start = ContinuousClock.now
    let result = try Program(
      data: folder.url, environment: ["ROLLCALL_MONGODB": "mongodb://ann:secret@127.0.0.1:9/rollcall"])(
        "people", "list")
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(result.status == 1)
    #expect(result.errors.contains("127.0.0.1"))
    #expect(!result.errors.contains("secret"))
  }

  @Test("doctor finds everything in place, and exits 1 when a model is not the one it should be")
  func doctor() throws {
    let result = try rollcall("doctor")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("MongoDB"))
    let empty = Program(data: folder.url, environment: ["ROLLCALL_MODELS": folder.url.path])
    try folder.write(Data("x".utf8), to: "face-encoder.onnx")
    try folder.write(Data("0000  face-encoder.onnx\n".utf8), to: "SHA256SUMS")
    let ill = try empty("doctor")
    #expect(ill.status == 1)
    #expect(ill.output.contains("FAIL"))
    #expect(ill.output.contains("make models"))
  }
}
