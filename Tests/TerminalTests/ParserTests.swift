import Testing

@testable import Terminal

/// The invocation of a command line typed with single blanks.
func invocation(
  _ line: String, environment: [String: String] = [:], settings: [String: String] = [:]
) throws -> Invocation {
  let request = try Example.program.parse(
    line.split(separator: " ").map(String.init), environment: environment, settings: settings)
  guard case .run(let invocation) = request else { throw UsageError("shows a text", verb: line) }
  return invocation
}

@Suite("The argument parser")
struct ParserTests {
  @Test("a verb, its positionals and its options are read in any order")
  func order() throws {
    for line in [
      "enroll a.jpg b.jpg --name Ann --batch 4 --json", "enroll --json --batch=4 a.jpg --name=Ann b.jpg",
      "enroll --name Ann --json -- a.jpg b.jpg",
    ] {
      let read = try invocation(line)
      #expect(read.verb == "enroll")
      #expect(read[Example.path] == ["a.jpg", "b.jpg"])
      #expect(read[Example.name] == "Ann")
      #expect(read[Example.json])
      #expect(read[Example.batch] == (line.contains("batch") ? 4 : 16))
    }
  }

  @Test("what is not given has its default, or is missing")
  func defaults() throws {
    let read = try invocation("enroll a.jpg")
    #expect(read[Example.name] == nil)
    #expect(read[Example.upsample] == nil)
    #expect(read[Example.batch] == 16)
    #expect(read[Example.group] == [])
    #expect(!read[Example.json])
    #expect(read[Example.fpir] == 0.001)
    #expect(read[Example.data] == nil)
    #expect(try invocation("identify a.jpg")[Example.format] == .text)
  }

  @Test("an option that may be repeated keeps every value, another one the last")
  func repeated() throws {
    let read = try invocation("enroll a --group staff --group=night --name Ann --name Bob")
    #expect(read[Example.group] == ["staff", "night"])
    #expect(read[Example.name] == "Bob")
  }

  @Test("verbs in groups have positionals of their own, some optional")
  func groups() throws {
    let list = try invocation("people list")
    #expect(list.verb == "people list")
    #expect(list[Example.group1] == nil)
    #expect(try invocation("people list staff --format json")[Example.group1] == "staff")
    let rename = try invocation("people rename 7 Ann")
    #expect(rename[Example.id] == "7")
    #expect(rename[Example.newName] == "Ann")
  }

  @Test("options of every verb may stand before the verb")
  func everywhere() throws {
    #expect(try invocation("--data /d people --fpir=0.5 list")[Example.data] == "/d")
    #expect(try invocation("--data /d people --fpir=0.5 list")[Example.fpir] == 0.5)
  }

  @Test("negative numbers, a lone dash and anything behind = are values")
  func dashes() throws {
    #expect(try invocation("identify - --adjust -0.5")[Example.adjust] == -0.5)
    #expect(try invocation("identify - --adjust -0.5")[Example.path] == ["-"])
    #expect(try invocation("enroll a --name=--json")[Example.name] == "--json")
    #expect(try invocation("enroll a --name=a=b")[Example.name] == "a=b")
    #expect(try invocation("enroll -- --json -x")[Example.path] == ["--json", "-x"])
    #expect(try invocation("enroll a --name -")[Example.name] == "-")
  }

  @Test("flags beat the environment, the environment beats the file")
  func precedence() throws {
    let environment = ["ROLLCALL_FPIR": "0.2", "ROLLCALL_DATA": ""]
    let settings = ["fpir": "0.3", "data": "/file"]
    #expect(
      try invocation("doctor --fpir 0.1", environment: environment, settings: settings)[Example.fpir] == 0.1)
    #expect(try invocation("doctor", environment: environment, settings: settings)[Example.fpir] == 0.2)
    #expect(try invocation("doctor", settings: settings)[Example.fpir] == 0.3)
    // An empty variable is none.
    #expect(try invocation("doctor", environment: environment, settings: settings)[Example.data] == "/file")
  }

  @Test("a switch that the environment turns on can be turned off")
  func switches() throws {
    let on = ["ROLLCALL_LARGEST": "1"]
    #expect(try invocation("identify a", environment: on)[Example.largest])
    #expect(try !invocation("identify a --largest=no", environment: on)[Example.largest])
    #expect(try !invocation("identify a", environment: ["ROLLCALL_LARGEST": "off"])[Example.largest])
    #expect(try invocation("identify a --largest")[Example.largest])
  }

  @Test(
    "every usage error says what to type instead",
    arguments: [
      ("enrol", "rollcall has no verb “enrol”. Did you mean rollcall enroll?", "rollcall"),
      ("ADD", "rollcall has no verb “ADD”; there are enroll, identify, people, doctor", "rollcall"),
      ("add", "rollcall has no verb “add”. Did you mean rollcall enroll?", "rollcall"),
      ("idnetify", "rollcall has no verb “idnetify”. Did you mean rollcall identify?", "rollcall"),
      ("ident", "rollcall has no verb “ident”. Did you mean rollcall identify?", "rollcall"),
      ("list", "rollcall has no verb “list”. Did you mean rollcall people list?", "rollcall"),
      ("people", "rollcall people needs a verb behind it: list or rename", "rollcall people"),
      ("people lsit", "rollcall people has no verb “lsit”. Did you mean rollcall people list?", "rollcall people"),
      (
        "enroll",
        "rollcall enroll needs PATH…, a photo, or a folder of photos. For example: rollcall enroll photos/",
        "rollcall enroll"
      ),
      (
        "people rename 7",
        "rollcall people rename needs NEW-NAME, what to call them. "
          + "For example: rollcall people rename 7 \"Ann Lee\"", "rollcall people rename"
      ),
      (
        "people rename 7 Ann Lee",
        "“Lee” is one word too many: write rollcall people rename ID NEW-NAME, "
          + "and put what has blanks in it in quotation marks", "rollcall people rename"
      ),
      ("enroll a --nmae b", "rollcall enroll has no option --nmae. Did you mean --name?", "rollcall enroll"),
      ("enroll a --hlep", "rollcall enroll has no option --hlep. Did you mean --help?", "rollcall enroll"),
      (
        "enroll a --ups 2", "rollcall enroll has no option --ups. Did you mean --upsample-for-small-faces?",
        "rollcall enroll"
      ),
      (
        "identify -f a", "rollcall identify has no option -f. Did you mean --format, --from or --fpir?",
        "rollcall identify"
      ),
      (
        "enroll --x", "rollcall enroll has no option --x; if it is no option, write -- before it", "rollcall enroll"
      ),
      ("doctor --x", "rollcall doctor has no option --x", "rollcall doctor"),
      (
        "--format json people list", "--format comes after the verb: write rollcall VERB … --format", "rollcall"
      ),
      ("enroll a --name", "--name needs a value: write --name NAME", "rollcall enroll"),
      (
        "enroll a --name --json",
        "--name needs a value: write --name NAME; if “--json” is the value, write --name=--json", "rollcall enroll"
      ),
      ("enroll a --name=", "--name: the text is empty; write NAME", "rollcall enroll"),
      (
        "identify a --format jsn", "--format: “jsn” is none of text, json, jsonl. Did you mean json?",
        "rollcall identify"
      ),
      ("identify a --format xml", "--format: “xml” is none of text, json, jsonl", "rollcall identify"),
      ("doctor --fpir 2", "--fpir: “2” is out of range; write a number, 0 to 1", "rollcall doctor"),
      ("doctor --fpir 1%", "--fpir: “1%” is no number; write one, 0 to 1", "rollcall doctor"),
      ("doctor --fpir nan", "--fpir: “nan” is no number; write one, 0 to 1", "rollcall doctor"),
      (
        "enroll a --batch 0", "--batch: “0” is out of range; write a whole number, 1 to 64", "rollcall enroll"
      ),
      ("enroll a --batch 1.5", "--batch: “1.5” is no whole number; write one, 1 to 64", "rollcall enroll"),
      (
        "enroll a --upsample-for-small-faces -1",
        "--upsample-for-small-faces: “-1” is out of range; write a whole number, 0 or more", "rollcall enroll"
      ),
      ("identify a --largest=maybe", "--largest: “maybe” is neither yes nor no", "rollcall identify"),
      ("identify a --from today", "--from: “today” is no day; write it like 2026-11-21", "rollcall identify"),
    ])
  func usageErrors(line: String, message: String, verb: String) {
    let error = #expect(throws: UsageError.self) { try invocation(line) }
    #expect(error?.description == "\(message)\nTry: \(verb) --help")
  }

  @Test("an error in the environment or the settings file says where it is")
  func sources() {
    let variable = #expect(throws: UsageError.self) {
      try invocation("doctor", environment: ["ROLLCALL_FPIR": "much"])
    }
    #expect(variable?.message == "the environment variable ROLLCALL_FPIR: “much” is no number; write one, 0 to 1")
    let setting = #expect(throws: UsageError.self) { try invocation("doctor", settings: ["fpir": "7"]) }
    #expect(setting?.message == "“fpir” in the settings file: “7” is out of range; write a number, 0 to 1")
    let unknown = #expect(throws: UsageError.self) { try invocation("doctor", settings: ["fipr": "0.1"]) }
    #expect(unknown?.message == "the settings file sets “fipr”, which is no setting. Did you mean fpir?")
    // Only options with an environment variable are settings.
    let option = #expect(throws: UsageError.self) { try invocation("doctor", settings: ["adjust": "1"]) }
    #expect(
      option?.message == "the settings file sets “adjust”, which is no setting; there are data, fpir, largest")
  }

  @Test("values that do not go together are refused with the verb's hint")
  func refusing() throws {
    let error = try invocation("enroll a").refuse("--id needs --name: write --name NAME --id ID")
    #expect(
      error.description == "--id needs --name: write --name NAME --id ID\nTry: rollcall enroll --help")
  }

  @Test("a settings file is names and values, with remarks and empty lines")
  func settingsFile() throws {
    let text = "# mine\r\n\r\n data = /srv/my data \nmongodb=mongodb://a/?b=c\n"
    #expect(try SettingsFile.parse(text) == ["data": "/srv/my data", "mongodb": "mongodb://a/?b=c"])
    let noSetting = #expect(throws: SettingsFile.Failure.self) { try SettingsFile.parse("data = x\n\ndata\n") }
    #expect(noSetting?.description == "line 3: “data” is no setting; write it like name = value")
    let twice = #expect(throws: SettingsFile.Failure.self) { try SettingsFile.parse("a = 1\na = 2") }
    #expect(twice?.description == "line 2: “a” is set twice; remove one of the two")
  }
}
