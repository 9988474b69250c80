import Formats
import Foundation
import HTTP
import Posix
import Store
import TestResources
import Testing
import Values
import WebClient
import Wire

@testable import Console

@Suite("The log and live pictures by the API", .serialized)
struct LogTests {
  @Test("A browser's camera recognises a person, who appears among the events, in the live view and in the log")
  func browserCamera() throws {
    let console = try TestConsole(snapshots: 3)
    let admin = try console.enroll("bo", "Barack Obama", Pictures.obama)
    let live = try admin.open("GET", "/live?pictures=true&width=320")
    #expect(live.wait(for: "event: cameras"))
    let events = try admin.open("GET", "/events")
    #expect(events.wait(for: "event: hello"))

    let frame = try Data(contentsOf: Pictures.obama)
    var last = JSONValue.null
    #expect(
      try eventually {
        last = try admin.send("POST", "/cameras/tablet/frames", picture: frame).json
        return last.text().contains("\"known\"")
      })
    #expect(last["faces"]?.count == 1)
    #expect(last.text().contains("Barack Obama"))
    #expect(live.wait(for: "data:image/jpeg;base64,"))
    #expect(live.wait(for: "event: event"))
    #expect(events.wait(for: "\"kind\":\"arrival\""))
    #expect(events.text.contains("Barack Obama"))
    #expect(try admin.get("/cameras").json["items"]?.count == 1)
    #expect(try eventually { try admin.get("/attendance/events?person=bo").json["items"]?.count == 1 })
    let event = try #require(try admin.get("/attendance/events?person=bo").json["items"]?.first)
    #expect(event["camera"] == "tablet")
    #expect(event["kind"] == "arrival")
    let id = try #require(event["id"]?.string)
    #expect(try eventually { try admin.get("/events/\(id)/snapshot").status == 200 })
    #expect(try admin.get("/events/\(id)/snapshot").body.prefix(2) == Data([0xff, 0xd8]))
    #expect(try admin.get("/attendance/days?person=bo").json["items"]?.count == 1)
    #expect(try admin.get("/attendance/masks").json["total"]?["none"] == 1)

    _ = try admin.send("DELETE", "/people/bo")
    #expect(try admin.get("/events/\(id)/snapshot").status == 404)
    #expect(try !admin.get("/attendance/events").text.contains("Obama"))
    let returning = try admin.open("GET", "/events", ["Last-Event-ID": "of-earlier"])
    #expect(returning.wait(for: "event: reset"))
    #expect(!returning.text.contains("Obama"))
  }

  @Test("A mark is entered with a reason, stands in the log, and is voided with another")
  func corrections() throws {
    let console = try TestConsole()
    let admin = try console.admin()
    _ = try admin.send("POST", "/people", ["id": "gh", "name": "Grace Hopper", "consent": ["text": "x"]])
    let mark: JSONValue = ["person": "gh", "direction": "in", "time": "2026-11-02T08:00:00Z", "reason": "welding hood"]
    let made = try admin.send("POST", "/attendance/marks", mark)
    #expect(made.status == 201)
    #expect(made.json["by"] == "ada")
    let id = try #require(made.json["id"]?.string)
    let day = try admin.get("/attendance/days?from=2026-11-02&to=2026-11-02").json["items"]?.first
    #expect(day?["in"]?.string.flatMap(JSONSchema.moment) == JSONSchema.moment("2026-11-02T08:00:00Z"))
    #expect(try admin.send("POST", "/attendance/events/\(id)/void", ["reason": "wrong day"]).status == 201)
    #expect(try admin.send("POST", "/attendance/events/\(id)/void", ["reason": "again"]).status == 409)
    let entry = try admin.get("/attendance/events?from=2026-11-02&to=2026-11-02").json["items"]?.first
    #expect(entry?["voided"]?["reason"] == "wrong day")
    #expect(try admin.get("/attendance/days?from=2026-11-02&to=2026-11-02").json["items"]?.count == 0)
    let future = try admin.send(
      "POST", "/attendance/marks",
      ["person": "gh", "direction": "in", "time": "2100-01-01T08:00:00Z", "reason": "x"])
    #expect(future.status == 422)
    #expect(try admin.send("POST", "/attendance/events/nothing/void", ["reason": "x"]).status == 404)
    #expect(try admin.get("/attendance/events?from=2026-11-03&to=2026-11-02").status == 422)
  }

  @Test(
    "The log is exported in each layout and format, under a name that says what it is",
    arguments: ["csv", "xlsx", "jsonl"])
  func export(format: String) throws {
    let console = try TestConsole()
    let admin = try console.admin()
    _ = try admin.send("POST", "/people", ["id": "x", "name": "=cmd \"quoted\"", "consent": ["text": "x"]])
    _ = try admin.send(
      "POST", "/attendance/marks", ["person": "x", "direction": "in", "time": "2026-11-02T08:00:00Z", "reason": "x"])
    for layout in ["events", "daily", "frappe", "odoo"] {
      let file = try admin.get("/attendance/export?layout=\(layout)&format=\(format)&from=2026-11-01&to=2026-11-30")
      #expect(file.status == 200)
      #expect(
        file.headers["Content-Disposition"]
          == "attachment; filename=\"rollcall-\(layout)-2026-11-01-to-2026-11-30.\(format)\"")
      switch format {
      case "csv":
        let rows = try PythonCSV.rows(of: file.text)
        #expect(rows.count == 2)
        if layout == "daily" { #expect(rows[1][2] == "'=cmd \"quoted\"") }
      case "xlsx": #expect(file.body.prefix(2) == Data("PK".utf8))
      default: #expect(file.text.split(separator: "\n").count == 1)
      }
    }
  }

  @Test("What another process's camera brings into the log is told, too")
  func otherProcesses() throws {
    let console = try TestConsole()
    let admin = try console.admin()
    let events = try admin.open("GET", "/events")
    #expect(events.wait(for: "event: hello"))
    _ = try console.store.insertEvents([
      Event(
        id: "live:elsewhere:1:arrival", kind: .arrival, time: Date(), source: .camera("back door"), personID: nil,
        status: .unknown, method: nil, confidence: nil, box: .init(x: 1, y: 2, width: 3, height: 4), mask: .mask)
    ])
    #expect(events.wait(for: "back door"))
  }

  @Test("Cameras are added, kept for the next start, shown without passwords, and removed")
  func cameras() throws {
    let console = try TestConsole()
    let admin = try console.admin()
    let source = "rtsp://user:secret@127.0.0.1:1/door"
    let added = try admin.send("POST", "/cameras", ["name": "door", "source": .string(source)])
    #expect(added.status == 201)
    #expect(added.json["source"] == "rtsp://127.0.0.1:1/door")
    #expect(try !admin.get("/cameras").text.contains("secret"))
    #expect(try admin.send("POST", "/cameras", ["name": "door", "source": "0"]).status == 409)
    #expect(try admin.send("POST", "/cameras", ["name": "file", "source": "/etc/passwd"]).status == 422)
    #expect(try admin.send("POST", "/cameras/door/frames", picture: Data(contentsOf: Pictures.obama)).status == 409)
    #expect(try console.store.cameras().map(\.name) == ["door"])
    #expect(try admin.send("DELETE", "/cameras/door").status == 204)
    #expect(try admin.send("DELETE", "/cameras/door").status == 404)
    #expect(try console.store.cameras().isEmpty)
  }

  @Test("Two photos are compared, and measurements have no names in them")
  func verifyAndMetrics() throws {
    let console = try TestConsole()
    let admin = try console.enroll("bo", "Barack Obama", Pictures.obama)
    func base64(_ file: URL) throws -> JSONValue { .string(try Data(contentsOf: file).base64EncodedString()) }
    let same = try admin.send("POST", "/verify", ["a": base64(Pictures.obama), "b": base64(Pictures.obamaSpeaking)])
    #expect(same.json["same"] == true)
    let different = try admin.send("POST", "/verify", ["a": base64(Pictures.obama), "b": base64(Pictures.biden)])
    #expect(different.json["same"] == false)
    let metrics = try admin.get("/metrics").text
    #expect(metrics.contains("rollcall_http_requests_total{method=\"POST\",route=\"/verify\",status=\"200\"} 2"))
    #expect(metrics.contains("rollcall_people 1"))
    #expect(!metrics.contains("Obama") && !metrics.contains("\"bo\""))
  }

  @Test("A host name that is not this server's is refused, as another site's page would bring it")
  func hosts() throws {
    let console = try TestConsole { $0.names = ["door.example.org"] }
    #expect(try console.nobody.get("/health", ["Host": "evil.example.org"]).status == 421)
    for host in ["localhost:1234", "127.0.0.1", "[::1]:8443", "door.example.org", "DOOR.example.org:443"] {
      #expect(try console.nobody.get("/health", ["Host": host]).status == 200, "\(host)")
    }
  }
}

extension JSONValue {
  /// The first value of a list.
  var first: JSONValue? {
    guard case .array(let values) = self else { return nil }
    return values.first
  }
}
