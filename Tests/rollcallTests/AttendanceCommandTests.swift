import Formats
import Foundation
import Store
import TestResources
import Testing
import Values

/// What can be typed about the log, with a log that was written without any picture.
@Suite("The attendance verbs")
struct AttendanceCommandTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    let data = folder.url.appendingPathComponent("data")
    rollcall = Program(data: data)
    let store = try Store.open(.embedded(dataFolder: data))
    defer { store.close() }
    for (id, name, groups) in [("7", "=Ada \"Countess\"", ["ward"]), ("8", "Bo", [])] {
      _ = try store.addTemplates(
        [], personID: id, name: name, groups: groups, consent: Consent(text: "yes", date: Date()))
    }
    func seen(
      _ id: String, _ kind: Event.Kind, _ person: String?, _ time: String, _ camera: String, _ mask: MaskLabel?
    ) throws -> Event {
      Event(
        id: id, kind: kind, time: try Timestamp.parse(time, assuming: .gmt), source: .camera(camera), personID: person,
        status: person == nil ? .unknown : .known, box: Rect(x: 0, y: 0, width: 1, height: 1), mask: mask)
    }
    _ = try store.insertEvents([
      seen("live:r:1:arrival", .arrival, "7", "2026-09-01T08:00:00Z", "door", .mask),
      seen("live:r:1:seen", .seen, "7", "2026-09-01T08:00:30Z", "door", .mask),
      seen("live:r:2:arrival", .arrival, "8", "2026-09-01T09:00:00Z", "yard", MaskLabel.none),
      seen("live:r:3:arrival", .arrival, "8", "2026-09-01T17:00:00Z", "door", .mask),
      seen("live:r:4:arrival", .arrival, nil, "2026-09-02T10:00:00Z", "door", .incorrect),
    ])
  }

  @Test("a way out by hand ends a day, a void one does not, and the list shows the ids to void")
  func corrections() throws {
    let marked = try rollcall(
      "attendance", "mark", "7", "--out", "--time", "2026-09-01T17:30", "--by", "Ann", "--reason", "=power cut")
    #expect(marked.status == 0, "\(marked.errors)")
    let id = marked.output.trimmingCharacters(in: .newlines)
    #expect(UUID(uuidString: id) != nil)
    let daily = { try rollcall("attendance", "list", "--layout", "daily", "--person", "7").output }
    #expect(try daily().contains("2026-09-01T17:30:00.000+00:00   9:30"))

    let list = try rollcall("attendance", "list").output
    #expect(list.contains(" out ") && list.contains("by Ann"))
    for event in ["live:r:1:arrival", "live:r:4:arrival", id] { #expect(list.contains("  \(event)\n")) }

    let voided = try rollcall("attendance", "void", id, "--by", "Bo", "--reason", "wrong person")
    #expect(voided.status == 0)
    #expect(try !daily().contains("17:30"))
    #expect(try rollcall("attendance", "list").output.contains("out (void)"))
    let again = try rollcall("attendance", "void", id, "--by", "Cy", "--reason", "again")
    #expect(again.status == 0 && again.errors.contains("already"))
    #expect(
      try rollcall("attendance", "export").output
        .contains(",out,Ann,'=power cut,Bo,wrong person,\(id)\r\n"))

    let unknown = try rollcall("attendance", "void", "live:r:9:arrival", "--by", "Ann", "--reason", "x")
    #expect(unknown.status == 1 && unknown.errors.contains("attendance list"))
    let nobody = try rollcall("attendance", "mark", "9", "--in", "--by", "Ann", "--reason", "x")
    #expect(nobody.status == 1 && nobody.errors.contains("people list"))
    #expect(nobody.output.isEmpty)
  }

  @Test("forgetting somebody removes marks too, and says so")
  func forget() throws {
    _ = try rollcall("attendance", "mark", "7", "--in", "--by", "7", "--reason", "7 forgot the badge")
    let result = try rollcall("people", "forget", "7")
    #expect(result.status == 0)
    #expect(
      result.output.contains("2 sightings made anonymous, 1 marks removed, 0 snapshots removed, 0 references left"))
    #expect(try !rollcall("attendance", "export").output.contains("badge"))
  }

  @Test("an export is filtered, and its format follows from the file's ending")
  func exports() throws {
    let path = { (name: String) in folder.url.path + "/" + name }
    let table = try rollcall("attendance", "export", "--layout", "daily", "--output", path("days.xlsx"))
    #expect(table.status == 0 && table.errors.contains("2 rows written"), "\(table.errors)")
    let sheet = try SheetReader(path: path("days.xlsx"))
    #expect(sheet.rows.dropFirst().map { $0[2] } == [.text("=Ada \"Countess\""), .text("Bo")])
    #expect(sheet.rows[2][8] == .number(8.0 / 24, "[h]:mm"))
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(files == ["data", "days.xlsx"])
    let mode = try FileManager.default.attributesOfItem(atPath: path("days.xlsx"))[.posixPermissions] as? Int
    #expect(mode == 0o600)

    #expect(try rollcall("attendance", "export", "--output", path("log.jsonl")).status == 0)
    #expect(try String(contentsOfFile: path("log.jsonl"), encoding: .utf8).hasPrefix(#"{"time":"#))
    #expect(try rollcall("attendance", "export", "--output", path("log")).status == 0)
    #expect(try String(contentsOfFile: path("log"), encoding: .utf8).hasPrefix("time,id,"))

    let ids = { (arguments: [String]) in
      try rollcall(arguments: ["attendance", "export"] + arguments).output.split(separator: "\r\n").dropFirst()
        .map { String($0.split(separator: ",", omittingEmptySubsequences: false).last ?? "") }
    }
    #expect(try ids(["--group", "ward"]) == ["live:r:1:arrival", "live:r:1:seen"])
    #expect(try ids(["--camera", "yard"]) == ["live:r:2:arrival"])
    #expect(try ids(["--mask", "mask", "--person", "8"]) == ["live:r:3:arrival"])
    #expect(try ids(["--status", "unknown"]) == ["live:r:4:arrival"])
    #expect(try ids(["--to", "2026-08-31"]) == [])

    let odoo = try rollcall("attendance", "export", "--layout", "odoo", "--timezone", "Europe/Berlin")
    #expect(
      odoo.output == "employee_id,check_in,check_out\r\n7,2026-09-01 08:00:00,\r\n"
        + "8,2026-09-01 09:00:00,2026-09-01 17:00:00\r\n")
    #expect(odoo.errors.contains("1 way in or out has no counterpart"))
    let frappe = try rollcall("attendance", "list", "--layout", "frappe", "--timezone", "Europe/Berlin").output
    #expect(frappe.contains("8                     2026-09-01 19:00:00  door       OUT\n"))
  }

  @Test("where a link leads an export replaces the file, and into a pipe it is written")
  func linkedAndPiped() throws {
    let path = { (name: String) in folder.url.path + "/" + name }
    try Data("old".utf8).write(to: URL(fileURLWithPath: path("real.csv")))
    try FileManager.default.createSymbolicLink(atPath: path("link.csv"), withDestinationPath: "real.csv")
    #expect(try rollcall("attendance", "export", "--output", path("link.csv")).status == 0)
    #expect(try String(contentsOfFile: path("real.csv"), encoding: .utf8).hasPrefix("time,id,"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link.csv")) == "real.csv")

    #expect(mkfifo(path("pipe"), 0o600) == 0)
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    reader.arguments = ["60", "cat", path("pipe")]
    let output = Pipe()
    reader.standardOutput = output
    try reader.run()
    #expect(try rollcall("attendance", "export", "--output", path("pipe")).status == 0)
    #expect(
      try output.fileHandleForReading.readToEnd() == Data(contentsOf: URL(fileURLWithPath: path("real.csv"))))
    reader.waitUntilExit()
  }

  @Test("an export that cannot be written leaves nothing behind, and says what to do")
  func unwritable() throws {
    let result = try rollcall("attendance", "export", "--output", folder.url.path + "/no/log.xlsx")
    #expect(result.status == 1 && result.errors.contains("--output"))
    let reversed = try rollcall(
      "attendance", "export", "--from", "2026-09-02", "--to", "2026-09-01", "--output", folder.url.path + "/a.csv")
    #expect(reversed.status == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["data"])
  }

  @Test("mask compliance is told with counts and intervals, by day, hour and camera, in every format")
  func masks() throws {
    let text = try rollcall("attendance", "masks").output
    #expect(text.contains("all         50.0 %    15.0–85.0 %         4     2          1         0     1       0\n"))
    let csv = try rollcall("attendance", "masks", "--format", "csv").output
    #expect(
      csv
        == """
        by,value,share,low,high,labelled,mask,incorrect,covering,none,unsure
        all,,0.5000,0.1500,0.8500,4,2,1,0,1,0
        day,2026-09-01,0.6667,0.2077,0.9385,3,2,0,0,1,0
        day,2026-09-02,0.0000,0.0000,0.7935,1,0,1,0,0,0
        hour,08,1.0000,0.2065,1.0000,1,1,0,0,0,0
        hour,09,0.0000,0.0000,0.7935,1,0,0,0,1,0
        hour,10,0.0000,0.0000,0.7935,1,0,1,0,0,0
        hour,17,1.0000,0.2065,1.0000,1,1,0,0,0,0
        camera,door,0.6667,0.2077,0.9385,3,2,1,0,0,0
        camera,yard,0.0000,0.0000,0.7935,1,0,0,0,1,0

        """.replacing("\n", with: "\r\n"))
    let json = try JSONSerialization.jsonObject(
      with: Data(try rollcall("attendance", "masks", "--format", "json", "--camera", "door").output.utf8))
    let object = try #require(json as? [String: Any])
    #expect(object["labelled"] as? Int == 3)
    #expect((object["cameras"] as? [[String: Any]])?.map { $0["camera"] as? String } == ["door"])
    #expect((object["days"] as? [[String: Any]])?.map { $0["mask"] as? Int } == [2, 0])
    let nothing = try rollcall("attendance", "masks", "--from", "2030-01-01")
    #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.errors.contains("no face"))
    let undrawn = folder.url.path + "/nothing.png"
    #expect(try rollcall("attendance", "masks", "--from", "2030-01-01", "--picture", undrawn).status == 0)
    #expect(!FileManager.default.fileExists(atPath: undrawn))
  }

  @Test("mask compliance is drawn as PNG and as SVG")
  func picture() throws {
    for (name, beginning) in [("masks.png", "\u{89}PNG"), ("masks.svg", "<?xml")] {
      let path = folder.url.path + "/" + name
      let result = try rollcall("attendance", "masks", "--picture", path, "--output", folder.url.path + "/text")
      #expect(result.status == 0, "\(result.errors)")
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(data.starts(with: beginning.unicodeScalars.map { UInt8($0.value) }))
    }
    let svg = try String(contentsOfFile: folder.url.path + "/masks.svg", encoding: .utf8)
    for word in ["50.0 % of 4 faces wore a mask", "2026-09-01", "hour of the day", "yard", "by camera"] {
      #expect(svg.contains(word), "\(word)")
    }
  }
}
