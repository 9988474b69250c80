import Testing

@testable import Terminal

/// A verb that takes pictures and has a verb below it.
@Suite("A verb below a verb")
struct VerbBelowVerbTests {
  private static let path = Positional(many: .text("PATH"), help: "a picture")
  private static let photo = Positional(.text("PHOTO"), help: "the photo to draw on")
  private static let format = Option("format", .text("FORMAT"), default: "text", help: "how to print")
  private static let style = Option("style", .text("STYLE"), help: "how it looks")
  private static let program = Program(
    "rollcall", version: "1", summary: "knows who is there",
    verbs: [
      Command(
        "mask", summary: "label masks", positionals: [path], options: [format],
        verbs: [
          Command(
            "render", summary: "draw a mask", positionals: [photo], options: [style],
            examples: [.init("draw", "rollcall mask render a.jpg")])
        ], examples: [.init("label", "rollcall mask a.jpg")])
    ], examples: [.init("label", "rollcall mask a.jpg")])

  private func run(_ line: String) throws -> Invocation {
    guard case .run(let invocation) = try Self.program.parse(line.split(separator: " ").map(String.init)) else {
      throw UsageError("shows a text", verb: line)
    }
    return invocation
  }

  private func shown(_ arguments: String...) throws -> String {
    guard case .show(let text) = try Self.program.parse(arguments) else { return "" }
    return text
  }

  @Test("is meant when its name follows at once")
  func below() throws {
    let render = try run("mask render a.jpg --style cloth")
    #expect(render.verb == "mask render")
    #expect(render[Self.photo] == "a.jpg")
    #expect(render[Self.style] == "cloth")
  }

  @Test("is not in the way of what the verb above takes, even of the same name")
  func above() throws {
    #expect(try run("mask a.jpg b.jpg --format json").verb == "mask")
    for (line, paths) in [
      ("mask a.jpg render", ["a.jpg", "render"]), ("mask ./render", ["./render"]), ("mask -- render", ["render"]),
      ("mask --format json render", ["render"]),
    ] {
      let read = try run(line)
      #expect(read.verb == "mask")
      #expect(read[Self.path] == paths)
    }
  }

  @Test("is in the help of the verb above, and has its own")
  func help() throws {
    let above = try shown("mask", "a.jpg", "--help")
    #expect(above.contains("  rollcall mask PATH… [--format FORMAT]\n  rollcall mask VERB …\n"))
    #expect(above.contains("  render  draw a mask\n"))
    #expect(try shown("mask", "--help") == above)
    #expect(try shown("mask", "render", "--help").hasPrefix("rollcall mask render: draw a mask"))
    #expect(try shown("help", "mask", "render").hasPrefix("rollcall mask render: draw a mask"))
  }

  @Test("has options of its own")
  func options() {
    #expect(throws: UsageError.self) { try run("mask a.jpg --style cloth") }
    #expect(throws: UsageError.self) { try run("mask render a.jpg --format json") }
    #expect(throws: UsageError.self) { try run("mask") }
    #expect(throws: UsageError.self) { try run("mask render") }
  }
}
