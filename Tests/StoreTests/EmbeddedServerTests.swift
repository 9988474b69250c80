import Foundation
import Posix
import TestResources
import Testing
import Values

@testable import Store

@Suite(.serialized)
struct EmbeddedServerTests {
  @Test("the last store that closes stops mongod, and what was stored is there when it opens again")
  func reopen() throws {
    try withFolder { folder throws in
      let first = try folder.open()
      let second = try folder.open()
      let server = try #require(folder.server)
      _ = try second.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      first.close()
      #expect(isAlive(server))
      #expect(try second.people().map(\.id) == ["1"])
      second.close()
      #expect(!isAlive(server))
      #expect(storeError { _ = try second.people() }?.cause == "the database is closed")
      second.close()

      let third = try folder.open()
      defer { third.close() }
      #expect(try third.people().map(\.id) == ["1"])
    }
  }

  @Test("stores that open at the same moment share one mongod")
  func simultaneous() throws {
    try withFolder { folder throws in
      let servers = Guarded<[pid_t?]>([])
      let failures = Guarded<[String]>([])
      inThreads(4) { index in
        do {
          let store = try Store.open(.embedded(dataFolder: folder.url))
          defer { store.close() }
          _ = try store.addTemplates([template(index)], personID: "shared", name: "Ada", consent: consent)
          servers.withLock { $0.append(folder.server) }
          // Nobody leaves before everybody has come.
          _ = wait(seconds: 30) { servers.withLock { $0.count } == 4 }
        } catch {
          failures.withLock { $0.append("\(error)") }
          servers.withLock { $0.append(nil) }
        }
      }
      #expect(failures.withLock { $0 } == [])
      let ids = servers.withLock { $0 }
      #expect(ids.first.map { $0 != nil } == true)
      #expect(Set(ids).count == 1)
      #expect(folder.server == nil)
    }
  }

  @Test("mongod opens no network port, hears no terminal, and its folder is closed to other users")
  func isolation() throws {
    try withStore { _, folder throws in
      let server = try #require(folder.server)
      // In a session of its own, no Ctrl-C of a terminal reaches it.
      #expect(getsid(server) == server)
      let inodes = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server)/fd")
        .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(server)/fd/\($0)") }
        .filter { $0.hasPrefix("socket:[") }
        .map { String($0.dropFirst("socket:[".count).dropLast()) }
      func listed(_ table: String) throws -> [String] {
        try String(contentsOfFile: "/proc/\(server)/net/\(table)", encoding: .utf8)
          .split(whereSeparator: { $0 == "\n" || $0 == " " }).map(String.init)
      }
      #expect(!Set(try listed("unix")).isDisjoint(with: inodes))
      #expect(Set(try listed("tcp") + listed("tcp6")).isDisjoint(with: inodes))
      for name in ["db", "db/data"] {
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path(name))[.posixPermissions]
        #expect(mode as? Int == 0o700)
      }
    }
  }

  @Test("a data folder with a path of several hundred characters works")
  func longPath() throws {
    try withFolder(named: Array(repeating: String(repeating: "long ", count: 20), count: 5).joined(separator: "/")) {
      folder throws in
      let store = try folder.open()
      #expect(try store.people().isEmpty)
      store.close()
      #expect(folder.server == nil)
    }
  }

  @Test("a mongod that is killed is started again under the store that uses it, and nothing stored is lost")
  func killedServer() throws {
    try withStore { store, folder throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      let server = try #require(folder.server)
      kill(server, SIGKILL)
      _ = try store.addTemplates([template(2)], personID: "1", name: "Ada", consent: consent)
      #expect(try store.person(id: "1")?.templates.count == 2)
      #expect(folder.server != server)
    }
  }

  @Test("a mongod that was killed with its users is no obstacle to the next store")
  func killedEverything() throws {
    try withFolder { folder throws in
      let store = try folder.open()
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      kill(try #require(folder.server), SIGKILL)
      store.close()
      #expect(FileManager.default.fileExists(atPath: folder.path("db/mongod.sock")))
      let next = try folder.open()
      defer { next.close() }
      #expect(try next.people().map(\.id) == ["1"])
    }
  }

  @Test("mongod ends by itself when the last process that used it is killed")
  func killedUser() throws {
    try withFolder { folder throws in
      let store = try folder.open()
      let server = try #require(folder.server)
      let user = try OtherUser(of: folder)
      store.close()
      #expect(isAlive(server))
      user.kill()
      #expect(wait(seconds: 20) { !isAlive(server) })
    }
  }

  @Test("a mongod that nobody uses any more gives way to a new one")
  func abandonedServer() throws {
    try withFolder { folder throws in
      let store = try folder.open()
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      let server = try #require(folder.server)
      let user = try OtherUser(of: folder)
      store.close()
      // Asleep, it cannot react to the end of its last user.
      kill(server, SIGSTOP)
      user.kill()
      let waking = Thread {
        usleep(200_000)
        kill(server, SIGCONT)
      }
      waking.start()
      let next = try folder.open()
      defer { next.close() }
      #expect(try next.people().map(\.id) == ["1"])
      #expect(!isAlive(server))
    }
  }

  @Test("a long log is put aside")
  func logRotation() throws {
    try withFolder { folder throws in
      try FileManager.default.createDirectory(atPath: folder.path("db"), withIntermediateDirectories: true)
      try Data(repeating: UInt8(ascii: "x"), count: 1_100_000).write(to: folder.url.appending(path: "db/mongod.log"))
      let store = try folder.open()
      defer { store.close() }
      func size(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.path("db/\(name)"))[.size] as? Int
      }
      #expect(try size("mongod.log.1") == 1_100_000)
      #expect(try #require(try size("mongod.log")) < 100_000)
    }
  }

  @Test("files that mongod cannot use are an error with mongod's own reason")
  func unusableFiles() throws {
    try withFolder { folder throws in
      try FileManager.default.createDirectory(atPath: folder.path("db/data"), withIntermediateDirectories: true)
      try Data("not a database".utf8).write(to: folder.url.appending(path: "db/data/storage.bson"))
      let error = storeError { try folder.open().close() }
      #expect(error?.code == .mongodFailed)
      #expect(error?.cause.hasPrefix("Unable to read the storage engine metadata file: ") == true)
      #expect(error?.description.contains("mongod.log") == true)
    }
  }

  @Test("a data folder that cannot be made is an error that names it")
  func unusableFolder() throws {
    try withFolder { folder throws in
      try Data().write(to: folder.url.appending(path: "file"))
      let error = storeError { _ = try Store.open(.embedded(dataFolder: folder.url.appending(path: "file/data"))) }
      #expect(error?.code == .dataFolder)
      #expect(error?.description.contains(folder.path("file/data/db")) == true)
      #expect(error?.advice.contains("data folder") == true)
    }
  }

  @Test("a mongod that is nowhere is an error that says how to get one")
  func missingProgram() {
    let error = storeError { _ = try MongodBinary.find(environment: ["ROLLCALL_MONGOD": "/nowhere/mongod"]) }
    #expect(error?.code == .mongodMissing)
    #expect(error?.description.contains("make setup") == true)
    #expect(error?.advice.contains("MongoDB server") == true)
  }
}

/// Another process that uses the mongod of a folder: it holds the lock and the pipe as every user does.
private final class OtherUser {
  private let process = Process()

  init(of folder: TemporaryFolder) throws {
    process.executableURL = URL(filePath: "/usr/bin/flock")
    process.arguments = ["--shared", "--no-fork", "users.lock", "sh", "-c", "exec 9> users.fifo; echo; exec sleep 60"]
    process.currentDirectoryURL = folder.url.appending(path: "db")
    let ready = Pipe()
    process.standardOutput = ready
    try process.run()
    _ = ready.fileHandleForReading.readData(ofLength: 1)
  }

  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
