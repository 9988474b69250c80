import Attendance
import Foundation
import Store
import TestResources
import Testing
import Values
import Vision

/// The verbs that look at photos, run as a person runs them.
@Suite("Photos on the command line")
struct PhotoCommandTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func people() throws -> [[String: Any]] {
    let text = try rollcall("people", "list", "--format", "json").output
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
  }

  @Test("from photos to an attendance log, and forgotten again")
  func mainJob() throws {
    for (photo, name) in [
      (Pictures.obama, "Barack Obama"), (Pictures.biden, "Joe Biden"), (Pictures.collins, "=Eileen Collins"),
    ] {
      let result = try rollcall("enroll", photo.path, "--name", name, "--id", "id-\(name.count)", "--consent", "yes")
      #expect(result.status == 0)
      #expect(result.output.contains("enrolled 1 photo"))
    }
    let people = try people()
    #expect(people.map { $0["id"] as? String } == ["id-12", "id-15", "id-9"])
    #expect(people.allSatisfy { $0["templates"] as? Int == 1 && $0["groups"] is [Any] && $0["name"] is String })

    let empty = try folder.write(Self.blank, to: "blank.png").path
    let found = try rollcall(
      "identify", Pictures.obamaSpeaking.path, Pictures.biden.path, Pictures.collins.path, empty, "--format", "jsonl",
      "--attendance",
      "--largest", "--annotate", folder.url.path + "/seen")
    #expect(found.status == 0)
    let faces = try objects(found.output)
    #expect(faces.count == 4)
    #expect(faces.map { $0["status"] as? String } == ["known", "known", "known", "noface"])
    #expect(
      faces.prefix(3).map { ($0["identity"] as? [String: Any])?["name"] as? String }
        == ["Barack Obama", "Joe Biden", "=Eileen Collins"])
    for face in faces.prefix(3) {
      #expect(Set(face.keys).isSuperset(of: ["file", "time", "box", "score", "mask", "identity", "status"]))
      #expect((face["box"] as? [Int])?.count == 4)
      try expectMaskLabel(face)
      let identity = try #require(face["identity"] as? [String: Any])
      #expect(identity["method"] as? String == "face")
      #expect((identity["confidence"] as? Double).map { (0...1).contains($0) } == true)
    }
    #expect(!found.output.contains("distance") && !found.output.contains("embedding"))
    #expect(FileManager.default.fileExists(atPath: folder.url.path + "/seen/obama2.jpg"))

    let again = try rollcall("identify", Pictures.obamaSpeaking.path, "--attendance", "--largest")
    #expect(again.errors.contains("0 new sightings"))

    let file = folder.url.path + "/log.csv"
    #expect(try rollcall("attendance", "export", "--output", file).status == 0)
    let log = try String(contentsOfFile: file, encoding: .utf8)
    #expect(log.hasPrefix("time,id,name,groups,camera,file,status,method,confidence,mask,kind,"))
    #expect(log.components(separatedBy: "\r\n").count == 5)
    #expect(log.contains(",'=Eileen Collins,"))

    // An event that still waits on disk, as a camera leaves it that was killed.
    let spool = try Spool(
      dataFolder: folder.url.appendingPathComponent("data"), destination: "private database", insert: { _ in })
    let waiting = Event(
      id: "door:1", time: Date(), source: .camera("door"), personID: "id-9", status: .known, method: .face,
      confidence: 0.9, box: .init(x: 0, y: 0, width: 9, height: 9))
    try spool.append([waiting])
    let forgotten = try rollcall("people", "forget", "id-9")
    #expect(forgotten.status == 0)
    #expect(
      forgotten.output.contains(
        ": 1 templates removed, 2 sightings made anonymous, 0 marks removed, 0 snapshots removed, 0 references left")
    )
    #expect(try rollcall("people", "forget", "id-9", "--format", "json").output.contains("\"remaining\": 0"))
    spool.close(timeout: 0)
    #expect(try self.people().count == 2)
    #expect(try rollcall("attendance", "export").output.contains("Joe Biden") == false)
    let unknown = try rollcall("identify", Pictures.biden.path, "--format", "json", "--largest")
    #expect(unknown.output.contains("\"unknown\""))
    #expect(try rollcall("people", "forget", "id-9").status == 1)
  }

  /// A label among those there are, and a probability for each.
  private func expectMaskLabel(_ face: [String: Any]) throws {
    let mask = try #require(face["mask"] as? [String: Any])
    #expect(Self.labels.union(["unsure"]).contains(mask["label"] as? String ?? ""))
    let probabilities = try #require(mask["probabilities"] as? [String: Double])
    #expect(Set(probabilities.keys) == Self.labels)
    #expect(abs(probabilities.values.reduce(0, +) - 1) < 0.001)
  }

  private static let labels: Set<String> = ["mask", "incorrect", "covering", "none"]

  @Test("mask labels every face, says so of pictures without one, and shows what the labels rest on")
  func mask() throws {
    let empty = try folder.write(Self.blank, to: "blank.png").path
    let bad = try folder.write(Data("text".utf8), to: "text.jpg").path
    let (seen, why) = (folder.url.path + "/seen", folder.url.path + "/why")
    let result = try rollcall(
      "mask", Pictures.collins.path, empty, bad, "--format", "jsonl", "--largest", "--annotate", seen, "--explain", why)
    #expect(result.status == 1)
    #expect(result.errors.contains("text.jpg: not a picture"))
    let faces = try objects(result.output)
    #expect(faces.map { $0["status"] as? String } == ["found", "noface"])
    #expect(Set(faces[0].keys) == ["file", "time", "box", "score", "mask", "status"])
    try expectMaskLabel(faces[0])
    let original = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    for folder in [seen, why] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["astronaut.jpg", "blank.jpg"])
      // Heat maps on small faces are drawn on an enlarged copy.
      let copy = try Photo(decoding: Photo.read(folder + "/astronaut.jpg")).image
      #expect(copy.width >= original.width && copy.width == copy.height)
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: seen + "/astronaut.jpg"))
        != Data(contentsOf: URL(fileURLWithPath: why + "/astronaut.jpg")))
    let table = try rollcall("mask", Pictures.collins.path, "--largest")
    #expect(table.status == 0)
    #expect(table.output.contains("astronaut.png") && table.output.contains(" %"))
    #expect(try rollcall("mask", Pictures.collins.path, "--annotate", seen, "--explain", seen).status == 2)
  }

  @Test("masks are labelled, refused at enrolment, and told in the log")
  func masked() throws {
    let photo = try folder.write(Pictures.masked(Pictures.biden).encoded(as: .png), to: "door/masked.png").path
    let labelled = try objects(
      try rollcall("mask", photo, Pictures.biden.path, "--format", "jsonl", "--largest").output)
    let words = labelled.map { ($0["mask"] as? [String: Any])?["label"] as? String ?? "" }
    #expect(["mask", "incorrect", "covering"].contains(words[0]))
    #expect(words[1] == "none")

    let refused = try rollcall("enroll", photo, "--name", "Joe Biden")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("take") && refused.errors.contains("--allow-covered"))
    #expect(try rollcall("enroll", photo, "--name", "Joe Biden", "--id", "joe", "--allow-covered").status == 0)

    #expect(try rollcall("identify", photo, "--attendance", "--largest").status == 0)
    let log = try rollcall("attendance", "export").output
    #expect(log.contains(",\(words[0]),photo,"), "\(log)")
    let daily = try rollcall("attendance", "export", "--layout", "daily").output
    #expect(daily.contains("sightings,mask_share,hours\r\n"))
    #expect(daily.hasSuffix(words[0] == "mask" ? ",1,1.0,\r\n" : ",1,0.0,\r\n"), "\(daily)")
  }

  @Test("a mask is drawn on a photo, which is never written over, and a wrong style is answered with the right ones")
  func rendered() throws {
    let photo = try folder.write(Data(contentsOf: Pictures.obama), to: "ada.jpg")
    let before = try Data(contentsOf: photo)
    let target = folder.url.path + "/ada-masked.png"
    let drawn = try rollcall("mask", "render", photo.path, "--style", "respirator", "--seed", "2", "--output", target)
    #expect(drawn.status == 0, "\(drawn.errors)")
    let (bare, masked) = try (
      Photo(decoding: before).image, Photo(decoding: Data(contentsOf: URL(fileURLWithPath: target))).image
    )
    #expect((masked.width, masked.height) == (bare.width, bare.height))
    let labelled = try objects(try rollcall("mask", target, "--format", "jsonl", "--largest").output)
    let word = (labelled.first?["mask"] as? [String: Any])?["label"] as? String
    #expect(word != "none")

    #expect(try rollcall("mask", "render", photo.path, "--output", photo.path).status == 2)
    #expect(try Data(contentsOf: photo) == before)
    let wrong = try rollcall("mask", "render", photo.path, "--style", "paper")
    #expect(wrong.status == 2 && wrong.errors.contains("respirator"))
    let blank = try folder.write(Self.blank, to: "blank.png")
    let faceless = try rollcall("mask", "render", blank.path, "--output", target)
    #expect(faceless.status == 1 && faceless.errors.contains("no face"))
  }

  /// A grey PNG of one colour, 120 pixels a side, without a face.
  private static let blank = bytes(
    base64: """
      iVBORw0KGgoAAAANSUhEUgAAAHgAAAB4CAIAAAC2BqGFAAAAr0lEQVR42u3QMREAAAgEIDX5RzeF5wIR6CTFvVEgWjSiRYtGtGhEixaN
      aNGIFi0a0aIRLVo0okUjWrRoRItGtGjRiBaNaNGiES0a0aJFI1o0okWLRrRoRIsWjWjRiBYtGtGiES1aNKJFI1q0aESLRrRo0YgWjWjR
      ohEtGtGiRSNaNKJFi0a0aESLFo1o0YgWLRrRohEtWjSiRSNatGhEi0a0aNGIFo1o0aIRLRrR/xbf+wJwC2WKHwAAAABJRU5ErkJggg==
      """)

  @Test("a folder of people with bad photos among them enrolls the good ones, names the bad ones, and exits 1")
  func partly() throws {
    try folder.write(Data(contentsOf: Pictures.obama), to: "people/Barack_Obama/a photo 😀.jpg")
    try folder.write(Data(contentsOf: Pictures.biden), to: "people/Joe_Biden/two\nlines.jpg")
    try folder.write(Data(), to: "people/Joe_Biden/empty.jpg")
    let result = try rollcall("enroll", folder.url.path + "/people", "--json")
    #expect(result.status == 1)
    let report = try #require(objects(result.output).first)
    #expect(report["enrolled"] as? Int == 2)
    let refused = try #require(report["refused"] as? [[String: Any]])
    #expect(refused.map { $0["code"] as? String } == ["empty"])
    #expect(result.errors.contains("empty.jpg: the file is empty"))
    #expect(try people().map { $0["name"] as? String } == ["Barack Obama", "Joe Biden"])
  }

  @Test("a picture that cannot be read is named, the others are identified, and the status is 1")
  func unreadable() throws {
    let bad = try folder.write(Data("text".utf8), to: "text.jpg").path
    let result = try rollcall("identify", bad, Pictures.collins.path, "--format", "jsonl", "--largest")
    #expect(result.status == 1)
    #expect(result.errors.contains("text.jpg: not a picture"))
    #expect(try objects(result.output).map { $0["status"] as? String } == ["unknown"])
  }

  @Test("annotated copies never take the place of pictures, nor of each other")
  func annotations() throws {
    let original = try Data(contentsOf: Pictures.biden)
    let first = try folder.write(original, to: "a/door.jpg")
    try folder.write(Data(contentsOf: Pictures.obama), to: "b/door.jpg")
    let refused = try rollcall("identify", folder.url.path + "/a", "--annotate", folder.url.path + "/a")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("another folder"))
    #expect(try Data(contentsOf: first) == original)
    let result = try rollcall(
      "identify", folder.url.path + "/a", folder.url.path + "/b", "--annotate", folder.url.path + "/seen")
    #expect(result.status == 0)
    let copies = try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/seen").sorted()
    #expect(copies == ["door-2.jpg", "door.jpg"])
  }
}
