import Foundation
import Posix
import TestResources
import Testing
import WebClient

@testable import HTTP

@Suite("TLS", .serialized)
struct TLSTests {
  private static func server(_ certificate: Certificate, _ channel: EventChannel = EventChannel()) throws -> Server {
    var configuration = Server.Configuration()
    configuration.certificate = certificate
    var router = Router()
    router.on("GET", "/") { .text($0.isSecure ? "secure" : "open") }
    router.on("POST", "/", bodyLimit: 1 << 20) { .text("\($0.body.count)") }
    router.on("GET", "/events") { .events(channel.listen(after: $0.lastEventID)) }
    return try Server(configuration, router: router)
  }

  @Test("A made certificate is good for this machine and the names that were asked for, and for no other")
  func made() throws {
    let folder = try TemporaryFolder()
    let certificate = try Certificate.local(in: folder.url, names: ["door.example.org", "192.168.1.20"])
    let server = try Self.server(certificate)
    let file = folder.url.appendingPathComponent("certificate.pem").path
    for name in ["localhost", "127.0.0.1", "door.example.org", "192.168.1.20"] {
      let result = try curl(
        "--cacert", file, "--connect-to", "::127.0.0.1:\(server.port)", "https://\(name):\(server.port)/")
      #expect(result.output == "secure", "\(name)")
    }
    #expect(
      try curl("--cacert", file, "--connect-to", "::127.0.0.1:\(server.port)", "https://other.example.org/").status
        == 60)
    #expect(try curl("https://127.0.0.1:\(server.port)/").status == 60)
    // Older versions of TLS are not spoken, and neither is HTTP in the clear.
    #expect(
      try curl(
        "--cacert", file, "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0", "https://localhost:\(server.port)/"
      )
      .status != 0)
    #expect(try curl("http://127.0.0.1:\(server.port)/").status != 0)
    let mode = try FileManager.default.attributesOfItem(atPath: folder.url.appendingPathComponent("key.pem").path)
    #expect(mode[.posixPermissions] as? Int == 0o600)
    #expect(try !String(contentsOfFile: file, encoding: .utf8).contains("PRIVATE"))
    #expect(certificate.fingerprint.count == 95)
  }

  @Test("A certificate is kept as long as it serves, and made anew when it ends soon, is damaged, or lacks a name")
  func renewal() throws {
    let folder = try TemporaryFolder()
    let first = try Certificate.local(in: folder.url)
    #expect(try Certificate.local(in: folder.url).fingerprint == first.fingerprint)
    let named = try Certificate.local(in: folder.url, names: ["10.0.0.7"])
    #expect(named.fingerprint != first.fingerprint)
    #expect(try Certificate.local(in: folder.url, names: ["10.0.0.7"]).fingerprint == named.fingerprint)
    let key = folder.url.appendingPathComponent("key.pem")
    try Data("nonsense".utf8).write(to: key)
    let repaired = try Certificate.local(in: folder.url, names: ["10.0.0.7"])
    #expect(repaired.fingerprint != named.fingerprint)
    for file in [key, folder.url.appendingPathComponent("certificate.pem")] {
      try FileManager.default.removeItem(at: file)
    }
    let short = try Certificate.local(in: folder.url, days: 20)
    #expect(short.end < Date(timeIntervalSinceNow: 21 * 86_400))
    let renewed = try Certificate.local(in: folder.url)
    #expect(renewed.fingerprint != short.fingerprint && renewed.end > Date(timeIntervalSinceNow: 390 * 86_400))
    for bad in ["DNS:x,IP:y", "a b", "", "x,DNS:evil.org", "-a.org"] {
      #expect(throws: ServerError.self) { _ = try Certificate.local(in: folder.url, names: [bad]) }
    }
    #expect(throws: ServerError.self) {
      _ = try Certificate.local(in: folder.url.appendingPathComponent("none"))
    }
  }

  @Test("A certificate and a key that do not belong together are refused")
  func mismatch() throws {
    let folders = try [TemporaryFolder(), TemporaryFolder()]
    let made = try folders.map { try Certificate.local(in: $0.url) }
    #expect(throws: ServerError.self) { _ = try Certificate(chain: made[0].chain, key: made[1].key) }
    #expect(throws: ServerError.self) { _ = try Certificate(chain: "", key: made[1].key) }
    #expect(throws: ServerError.self) {
      _ = try Certificate(chain: folders[0].url.appendingPathComponent("none"), key: folders[0].url)
    }
    _ = try Certificate(
      chain: folders[0].url.appendingPathComponent("certificate.pem"),
      key: folders[0].url.appendingPathComponent("key.pem"))
  }

  @Test("Bodies, refusals and events work over TLS as they do without")
  func encrypted() throws {
    let folder = try TemporaryFolder()
    let channel = EventChannel()
    let server = try Self.server(try Certificate.local(in: folder.url), channel)
    let file = folder.url.appendingPathComponent("certificate.pem").path
    let address = "https://localhost:\(server.port)/"
    let body = try folder.write(Data(count: 1 << 20), to: "body")
    let larger = try folder.write(Data(count: 4 << 20), to: "larger")
    for fields in ["X-A: 1", "Transfer-Encoding: chunked"] {
      #expect(
        try curl("--cacert", file, "--header", fields, "--header", "Expect:", "--data-binary", "@\(body.path)", address)
          .output == "1048576")
      #expect(
        try curl(
          "--cacert", file, "--header", fields, "--header", "Expect:", "--data-binary", "@\(larger.path)", address
        ).output.contains("\"status\":413"))
    }
    let isPublishing = Guarded(true)
    let publisher = Thread {
      var number = 0
      while isPublishing.withLock({ $0 }) {
        // As soon as the listener is there, one event after the other.
        if channel.count > 0 {
          channel.publish(data: "number \(number)")
          number += 1
        }
        usleep(10_000)
      }
    }
    publisher.start()
    // It ends when it has been told enough, or after its time.
    let events = try curl("--cacert", file, "--no-buffer", "--max-time", "5", address + "events")
    isPublishing.withLock { $0 = false }
    #expect(events.output.contains("event: hello") && events.output.contains("data: number 20\n\n"))
    // Half a handshake does not keep a server from stopping.
    let half = try Wire(server.port)
    half.send("\u{16}\u{3}\u{1}")
    server.stop(within: 300)
    #expect(half.waitForEnd())
  }
}
