import Formats
import Foundation
import HTTP
import Store
import TestResources
import Testing
import Vision

@testable import Console

@Suite("People by the API", .serialized)
struct PeopleTests {
  @Test("Somebody is added with consent, learnt from a photo, renamed, found, and forgotten everywhere")
  func wholeWay() throws {
    let console = try TestConsole()
    let admin = try console.enroll("ec", "Eileen Collins", Pictures.collins)
    let shown = try admin.get("/people/ec")
    #expect(shown.json["name"] == "Eileen Collins")
    #expect(shown.json["templates"] == 1)
    #expect(shown.json["consent"]?["text"] == "policy 3")
    let tag = try #require(shown.headers["ETag"])

    let seen = try admin.send("POST", "/identify", picture: Data(contentsOf: Pictures.collins))
    guard case .array(let faces)? = seen.json["faces"] else { throw CocoaError(.coderInvalidValue) }
    #expect(faces.count == 1)
    #expect(faces.first?["identity"]?["name"] == "Eileen Collins")
    #expect(faces.first?["status"] == "known")
    #expect(faces.first?["mask"]?["label"] == "none")
    #expect(!seen.text.contains("distance") && !seen.text.contains("embedding"))

    let renamed = try admin.send("PATCH", "/people/ec", ["name": "E. Collins"], ["If-Match": tag])
    #expect(renamed.status == 200)
    #expect(renamed.headers["ETag"] != tag)
    let late = try admin.send("PATCH", "/people/ec", ["name": "Somebody"], ["If-Match": tag])
    #expect(late.status == 412)
    #expect(try admin.get("/people?search=coLL").json["items"]?.count == 1)
    #expect(try admin.get("/people?search=nobody").json["items"]?.count == 0)
    #expect(try admin.get("/people?group=staff").json["items"]?.count == 1)

    let forgotten = try admin.send("DELETE", "/people/ec")
    #expect(forgotten.json["remaining"] == 0)
    #expect(forgotten.json["templates"].map { $0 != 0 } == true)
    #expect(try admin.get("/people/ec").status == 404)
    let after = try admin.send("POST", "/identify", picture: Data(contentsOf: Pictures.collins))
    #expect(after.text.contains("\"unknown\"") && !after.text.contains("Collins"))
    let audit = try admin.get("/audit?limit=500").text
    #expect(!audit.contains("Collins") && !audit.contains("\"ec\""))
    #expect(audit.contains("person-forget"))
  }

  @Test("A photo that is not good enough is refused with the reason, and nothing is kept of it")
  func refusals() throws {
    let console = try TestConsole()
    let admin = try console.enroll("bo", "Barack Obama", Pictures.obama)
    let empty = try Image(rgb: [UInt8](repeating: 128, count: 300 * 200 * 3), width: 300, height: 200)
    let judged = try admin.send("POST", "/photos", picture: empty.encoded(as: .jpeg))
    #expect(judged.json["verdict"] == "no-face")
    #expect(judged.json["advice"]?.string?.contains("face") == true)
    let twin = try admin.send("POST", "/photos", picture: Data(contentsOf: Pictures.obamaSpeaking))
    #expect(twin.json["verdict"] == "good")
    #expect(twin.json["duplicates"]?.count == 1)

    _ = try admin.send("POST", "/people", ["id": "other", "name": "Other", "consent": ["text": "x"]])
    #expect(
      try admin.send("POST", "/people/other/photos", picture: empty.encoded(as: .jpeg)).json["verdict"] == "no-face")
    let duplicate = try admin.send("POST", "/people/other/photos", picture: Data(contentsOf: Pictures.obamaSpeaking))
    #expect(duplicate.status == 409)
    #expect(duplicate.json["duplicate"]?["id"] == "bo")
    #expect(try admin.send("POST", "/people/other/photos", picture: Data("no picture".utf8)).status == 422)
    #expect(try admin.get("/people/other").json["templates"] == 0)
    let twice = try admin.send("POST", "/people/bo/photos", picture: Data(contentsOf: Pictures.obama))
    #expect(twice.json["outcome"] == "skipped")
  }

  @Test("A photo of somebody else, and a name that somebody has, are refused with the names, unless it is allowed")
  func different() throws {
    let console = try TestConsole()
    _ = try console.enroll("bo", "Barack Obama", Pictures.obama)
    let admin = try console.enroll("jb", "Joe Biden", Pictures.biden)
    let collins = try Data(contentsOf: Pictures.collins)
    let stray = try admin.send("POST", "/people/bo/photos", picture: collins)
    #expect(stray.status == 409)
    #expect(stray.json["type"] == "urn:rollcall:problem:stray")
    #expect(stray.json["person"]?["name"] == "Barack Obama" && stray.json["like"] == .null)
    #expect(try admin.get("/people/bo").json["templates"] == 1)
    let biden = try Photo(decoding: Photo.read(Pictures.biden.path)).image.encoded(as: .png)
    let other = try admin.send("POST", "/people/bo/photos", picture: biden)
    #expect(other.json["like"]?["id"] == "jb")
    #expect(other.json["detail"]?.string?.contains("Joe Biden") == true)
    #expect(try admin.send("POST", "/people/bo/photos?allowDifferent=true", picture: collins).status == 201)

    let namesake: JSONValue = ["name": "barack obama", "consent": ["text": "x"]]
    let taken = try admin.send("POST", "/people", namesake)
    #expect(taken.status == 409)
    #expect(taken.json["type"] == "urn:rollcall:problem:name-taken" && taken.json["person"]?["id"] == "bo")
    #expect(try admin.send("POST", "/people?allowDifferent=true", namesake).status == 201)
  }

  @Test("A request that is sent twice with one key is done once")
  func idempotency() throws {
    let console = try TestConsole()
    let admin = try console.admin()
    let person: JSONValue = ["name": "Grace", "consent": ["text": "x"]]
    let first = try admin.send("POST", "/people", person, ["Idempotency-Key": "one"])
    let second = try admin.send("POST", "/people", person, ["Idempotency-Key": "one"])
    #expect(first.status == 201 && second.status == 201)
    #expect(second.body == first.body)
    #expect(second.headers["Location"] == first.headers["Location"])
    #expect(try admin.get("/people").json["items"]?.count == 1)
    let other = try admin.send(
      "POST", "/people", ["name": "Ada", "consent": ["text": "x"]], ["Idempotency-Key": "one"])
    #expect(other.status == 409)
    let again = try admin.send("POST", "/people?allowDifferent=true", person, ["Idempotency-Key": "two"])
    #expect(again.status == 201 && again.json["id"] != first.json["id"])
  }

  @Test("What is not as the description says is refused with the place and the reason")
  func invalid() throws {
    let console = try TestConsole()
    let admin = try console.admin()
    let wrong = try admin.send("POST", "/people", ["name": 3, "consent": ["date": "tomorrow"], "more": true])
    #expect(wrong.status == 400)
    #expect(wrong.headers["Content-Type"] == "application/problem+json")
    guard case .array(let errors)? = wrong.json["errors"] else { throw CocoaError(.coderInvalidValue) }
    #expect(Set(errors.compactMap { $0["pointer"]?.string }) == ["/name", "/consent/date", "/consent/text", "/more"])
    #expect(try admin.get("/people?limit=0").status == 400)
    #expect(try admin.get("/people?colour=red").status == 400)
    #expect(try admin.get("/people?limit=5&limit=6").status == 400)
    #expect(try admin.get("/people?after=garbled").status == 422)
    #expect(try admin.send("POST", "/people", nil).status == 415)
    #expect(try admin.get("/people/nobody").status == 404)
  }

  @Test("Long lists come in parts, each person once")
  func pages() throws {
    let console = try TestConsole()
    let admin = try console.admin()
    for number in 0..<7 {
      _ = try console.store.createPerson(
        id: "p\(number)", name: "Name \(number % 3)", groups: [], consent: Consent(text: "x", date: Date()))
    }
    var found: [String] = []
    var path = "/people?limit=3"
    for _ in 0..<4 {
      let page = try admin.get(path).json
      guard case .array(let items)? = page["items"] else { break }
      found += items.compactMap { $0["id"]?.string }
      guard let next = page["next"]?.string else { break }
      path = "/people?limit=3&after=" + (next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }
    #expect(found == ["p0", "p3", "p6", "p1", "p4", "p2", "p5"])
  }
}

extension JSONValue {
  /// How many values a list has; nil for what is no list.
  var count: Int? {
    guard case .array(let values) = self else { return nil }
    return values.count
  }
}
