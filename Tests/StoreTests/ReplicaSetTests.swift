import Foundation
import Posix
import Testing

@testable import Store

struct ReplicaSetTests {
  @Test("people and sightings are kept by a replica set as by the private database")
  func replicaSet() throws {
    try withFolder { folder throws in
      let server = try Server(in: folder)
      defer { server.stop() }
      let store = try Store.open(.server(uri: "mongodb://\(server.address)/school?replicaSet=rs"))
      defer { store.close() }
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      _ = try store.addTemplates([template(1), template(2)], personID: "1", name: "Ada", consent: consent)
      #expect(try store.gallery().map(\.digest) == [template(1).digest, template(2).digest])
      #expect(try store.insertEvents([event("a", at: 1, of: "1")]) == 1)
      #expect(try store.insertEvents([event("a", at: 1, of: "1"), event("b", at: 2, of: nil)]) == 1)
      #expect(try store.events().map(\.id) == ["a", "b"])
      #expect(
        try store.forget(id: "1")
          == Store.Forgotten(
            wasEnrolled: true, templates: 2, events: 1, marks: 0, snapshots: 0, auditEntries: 0, remaining: 0))
    }
  }

  /// A replica set of one server on a port of its own.
  private struct Server {
    let address: String
    private let process = Process()

    init(in folder: TemporaryFolder) throws {
      let binary = try MongodBinary.find()
      let port = try Self.freePort()
      address = "127.0.0.1:\(port)"
      process.executableURL = URL(filePath: binary.path)
      process.arguments = [
        "--replSet", "rs", "--bind_ip", "127.0.0.1", "--port", "\(port)", "--nounixsocket",
        "--dbpath", folder.url.path(percentEncoded: false), "--logpath", folder.path("log"),
        "--wiredTigerCacheSizeGB", "0.25",
      ]
      process.environment = ["LC_ALL": "C", "LD_LIBRARY_PATH": binary.libraries ?? ""]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      do {
        try initiate()
      } catch {
        stop()
        throw error
      }
    }

    func stop() {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    private func initiate() throws {
      let options = "directConnection=true&serverSelectionTimeoutMS=60000"
      let pool = try ClientPool(ConnectionString("mongodb://\(address)/?\(options)"))
      try pool.withClient { client in
        var admin = client
        admin.database = "admin"
        let members: BSON = [["_id": 0, "host": .string(address)]]
        try admin.run(["replSetInitiate": ["_id": "rs", "members": members]])
        let isPrimary = try wait(seconds: 60) { try admin.run(["hello": 1])["isWritablePrimary"] == true }
        #expect(isPrimary)
      }
    }

    private static func freePort() throws -> UInt16 {
      let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(probe) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(probe, $0, length) + getsockname(probe, $0, &length)
        }
      }
      try #require(result == 0)
      return UInt16(bigEndian: address.sin_port)
    }
  }
}
