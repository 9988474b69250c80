import Testing

@testable import Terminal

@Suite("Help")
struct HelpTests {
  private func shown(_ arguments: [String], width: Int = 80, style: Style = .plain) throws -> String {
    guard case .show(let text) = try Example.program.parse(arguments, width: width, style: style) else { return "" }
    return text
  }

  @Test("a verb's help teaches how to use it")
  func verb() throws {
    #expect(
      try shown(["enroll", "--help"]) == """
        rollcall enroll: add people from their photos

        Usage:
          rollcall enroll PATH… [--name NAME] [--group GROUP]… [--batch N]
                          [--upsample-for-small-faces TIMES] [--json]

        PATH is a folder with one folder of photos for each person, or photos of one
        person with --name. Photos that are no good are named with the reason, and the
        rest is enrolled.

        A run that was stopped goes on when it is started again.

        Arguments:
          PATH…  a photo, or a folder of photos

        Options:
          --name NAME    whose photos they are
          --group GROUP  a group the person is in [may be repeated]
          --batch N      photos encoded at once [1 to 64; default 16]
          --upsample-for-small-faces TIMES
                         enlarge photos before the search [0 or more]
          --json         print JSON Lines

        Everywhere:
          --data DIR   the folder that everything is kept in [env ROLLCALL_DATA]
          --fpir RATE  how many searches for strangers may find somebody [0 to 1;
                       default 0.001; env ROLLCALL_FPIR]
          --help       show this

        Examples:
          # one folder of photos for each person
          rollcall enroll photos/

          # one person
          rollcall enroll ann-1.jpg ann-2.jpg --name "Ann Lee"

        """)
  }

  @Test("the program's help lists its verbs, and is what the bare name shows")
  func program() throws {
    let help = try shown([])
    #expect(
      help == """
        rollcall: knows who is there

        Usage:
          rollcall VERB …

        Verbs:
          enroll    add people from their photos
          identify  say who is in pictures
          people    see and change who is enrolled
          doctor    check the installation

        Everywhere:
          --data DIR   the folder that everything is kept in [env ROLLCALL_DATA]
          --fpir RATE  how many searches for strangers may find somebody [0 to 1;
                       default 0.001; env ROLLCALL_FPIR]
          --help       show this
          --version    show the program's version

        Examples:
          # enroll first
          rollcall enroll photos/

        Try: rollcall VERB --help

        """)
    for arguments in [["--help"], ["-h"], ["help"], ["--data", "enroll", "--help"]] {
      #expect(try shown(arguments) == help)
    }
  }

  @Test("help is shown wherever it is asked for, also on a line that makes no sense otherwise")
  func anywhere() throws {
    let help = try shown(["people", "rename", "--help"])
    #expect(help.hasPrefix("rollcall people rename: change a name\n"))
    for arguments in [
      ["--help", "people", "rename"], ["people", "-h", "rename"], ["people", "rename", "--nonsense", "-h", "x"],
      ["help", "people", "rename"], ["--data", "/d", "people", "rename", "7", "--help"],
    ] {
      #expect(try shown(arguments) == help)
    }
  }

  @Test("behind two dashes --help is a name like any other")
  func behindDashes() throws {
    guard case .run(let invocation) = try Example.program.parse(["enroll", "--", "--help"]) else {
      Issue.record("help was shown")
      return
    }
    #expect(invocation[Example.path] == ["--help"])
  }

  @Test("help for a verb that is not there asks for the one that is")
  func unknownVerb() {
    let error = #expect(throws: UsageError.self) { try Example.program.parse(["enrol", "--help"]) }
    #expect(error?.message == "rollcall has no verb “enrol”. Did you mean rollcall enroll?")
  }

  @Test("the version is shown")
  func version() throws {
    #expect(try shown(["--version"]) == "rollcall 1.2.3\n")
  }

  @Test("lines fit the terminal, between 60 and 100 columns", arguments: [20, 60, 63, 80, 100, 300])
  func widths(width: Int) throws {
    for arguments in [[], ["enroll", "-h"], ["identify", "-h"], ["people", "-h"], ["people", "list", "-h"]] {
      let lines = try shown(arguments, width: width).split(separator: "\n").filter {
        !$0.contains("rollcall enroll ann")
      }
      #expect(lines.allSatisfy { String($0).columns <= min(100, max(60, width)) })
    }
  }

  @Test("headings are bold on a terminal, unless NO_COLOR is set")
  func style() throws {
    let bold = Style(isTerminal: true, environment: ["TERM": "xterm"])
    let help = try shown(["doctor", "-h"], style: bold)
    #expect(help.hasPrefix("\u{1B}[1mrollcall doctor\u{1B}[0m: check the installation\n\n\u{1B}[1mUsage:\u{1B}[0m\n"))
    for plain in [
      Style(isTerminal: false, environment: ["TERM": "xterm"]),
      Style(isTerminal: true, environment: ["TERM": "xterm", "NO_COLOR": "1"]),
      Style(isTerminal: true, environment: ["TERM": "dumb"]),
    ] {
      #expect(try !shown(["doctor", "-h"], style: plain).contains("\u{1B}"))
    }
    #expect(Style(isTerminal: true, environment: ["NO_COLOR": ""]).apply(.red, to: "x") == "\u{1B}[31mx\u{1B}[0m")
  }
}
