import Access
import Attendance
import Enroll
import Faces
import Formats
import Foundation
import HTTP
import Live
import Posix
import Recognize
import Store
import TestResources
import Testing
import WebClient

@testable import Console

/// A console with an administrator, on a database of its own.
final class TestConsole {
  static let adminPassword = "a door that opens twice"
  private static let engine = Result { try FaceEngine(models: Models.find()) }
  private static let impostors = Result { try ImpostorModels(models: Models.find()) }

  let folder: TemporaryFolder
  let store: Store
  let roster: RosterFollower
  let server: ConsoleServer
  let spool: Spool
  private let keeper: SnapshotKeeper
  /// What the console reported to its operator.
  let reports = Guarded<[String]>([])
  var port: Int { server.port }

  init(snapshots: Int? = nil, _ change: (inout ConsoleServer.Configuration) -> Void = { _ in }) throws {
    folder = try TemporaryFolder()
    store = try Store.open(.embedded(dataFolder: folder.url))
    let impostors = try Self.impostors.get()
    roster = try RosterFollower(store, impostors)
    spool = try Spool(dataFolder: folder.url, store: store)
    keeper = SnapshotKeeper(store, days: snapshots)
    var configuration = ConsoleServer.Configuration()
    configuration.version = "test"
    configuration.report = { [reports] text in reports.withLock { $0.append(text) } }
    change(&configuration)
    let (store, spool, url) = (store, spool, folder.url)
    server = try ConsoleServer(
      configuration,
      .init(
        store: store, engine: try Self.engine.get(), roster: roster,
        log: AttendanceLog(store: store, timeZone: .gmt), snapshots: keeper, learner: Learner(store) { _ in },
        events: EventKeeper(spool) { _ in },
        forget: { try store.forget(id: $0, dataFolder: url) }))
  }

  deinit {
    server.stop()
    _ = keeper.close(timeout: 10)
    _ = spool.close(timeout: 10)
    roster.stop()
    store.close()
  }

  /// A client that is nobody.
  var nobody: Client { Client(port: port) }

  /// Makes the administrator on the first call, and logs in.
  func admin() throws -> Client {
    var client = nobody
    if let secret = server.setupSecret, try client.get("/setup").json["needed"] == true {
      let answer = try client.send(
        "POST", "/setup",
        ["secret": .string(secret), "name": "ada", "password": .string(Self.adminPassword)])
      try #require(answer.status == 201, "\(answer.text)")
      try client.take(answer)
    } else {
      try client.logIn("ada", Self.adminPassword)
    }
    return client
  }

  /// A user of this role, logged in.
  func user(_ role: Role) throws -> Client {
    let name = "\(role.rawValue)-\(UInt32.random(in: 0 ... .max))"
    let answer = try admin().send(
      "POST", "/users", ["name": .string(name), "role": .string(role.rawValue), "password": "quite a long password"])
    try #require(answer.status == 201, "\(answer.text)")
    var client = nobody
    try client.logIn(name, "quite a long password")
    return client
  }

  /// A person known by a photo, by way of the API.
  @discardableResult
  func enroll(_ id: String, _ name: String, _ photo: URL) throws -> Client {
    let admin = try admin()
    let person = try admin.send(
      "POST", "/people",
      ["id": .string(id), "name": .string(name), "groups": ["staff"], "consent": ["text": "policy 3"]])
    try #require(person.status == 201, "\(person.text)")
    let answer = try admin.send("POST", "/people/\(id)/photos", picture: try Data(contentsOf: photo))
    try #require(answer.status == 201, "\(answer.text)")
    return admin
  }
}

/// Somebody who uses the API.
struct Client {
  let port: Int
  var cookie: String?
  var csrf: String?
  var token: String?

  struct Answer {
    let status: Int
    let headers: Headers
    let body: Data

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
  }

  init(port: Int) {
    self.port = port
  }

  mutating func logIn(_ name: String, _ password: String) throws {
    let answer = try send("POST", "/session", ["name": .string(name), "password": .string(password)])
    try #require(answer.status == 201, "\(answer.text)")
    try take(answer)
  }

  /// Takes what a log-in has brought.
  mutating func take(_ answer: Answer) throws {
    let field = try #require(answer.headers["Set-Cookie"])
    cookie = field.split(separator: ";").first.map(String.init)
    csrf = try #require(answer.json["csrf"]?.string)
  }

  func get(_ path: String, _ fields: [String: String] = [:]) throws -> Answer {
    try request("GET", path, nil, nil, fields)
  }

  func send(_ method: String, _ path: String, _ json: JSONValue? = nil, _ fields: [String: String] = [:]) throws
    -> Answer
  {
    try request(method, path, json.map { Data($0.text().utf8) }, "application/json", fields)
  }

  func send(_ method: String, _ path: String, picture: Data, _ fields: [String: String] = [:]) throws -> Answer {
    try request(method, path, picture, "image/jpeg", fields)
  }

  /// Begins a request whose answer is read by hand.
  func open(_ method: String, _ path: String, _ fields: [String: String] = [:]) throws -> Wire {
    let wire = try Wire(port)
    wire.send(head(method, path, fields) + "\r\n")
    return wire
  }

  private func head(_ method: String, _ path: String, _ fields: [String: String]) -> String {
    var head = "\(method) /api/v1\(path) HTTP/1.1\r\n"
    var all = ["Host": "localhost", "Connection": "close"]
    if let cookie { all["Cookie"] = cookie }
    if let csrf { all["X-CSRF-Token"] = csrf }
    if let token { all["Authorization"] = "Bearer \(token)" }
    all.merge(fields) { $1 }
    for (name, value) in all where !value.isEmpty { head += "\(name): \(value)\r\n" }
    return head
  }

  private func request(_ method: String, _ path: String, _ body: Data?, _ type: String?, _ fields: [String: String])
    throws
    -> Answer
  {
    let wire = try Wire(port)
    var head = head(method, path, fields)
    if let body, let type {
      if fields["Content-Type"] == nil { head += "Content-Type: \(type)\r\n" }
      head += "Content-Length: \(body.count)\r\n"
    }
    wire.send(Data((head + "\r\n").utf8) + (body ?? Data()))
    let answer = try #require(wire.answer(), "no answer to \(method) \(path)")
    return Answer(status: answer.status, headers: answer.headers, body: answer.body)
  }
}
