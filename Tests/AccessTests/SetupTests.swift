import Foundation
import Posix
import Store
import TestResources
import Testing

@testable import Access

@Suite("The first account", .serialized)
struct SetupTests {
  @Test("the secret makes one admin, who is logged in, and then nothing more")
  func once() throws {
    try withGate { gate throws in
      #expect(try gate.keeper.needsSetup())
      let secret = try #require(try gate.keeper.beginSetup())
      func setUp(_ name: String) throws -> NewSession {
        try gate.keeper.setUp(secret: secret.text, name: name, password: Gate.password, address: Gate.address)
      }
      let session = try setUp("ann")
      #expect(session.caller.role == .admin)
      #expect(session.caller.permissions == Set(Permission.allCases))
      #expect(try gate.caller(session.cookie).name == "ann")
      #expect(try !gate.keeper.needsSetup())
      #expect(try gate.keeper.beginSetup() == nil)
      #expect(accessError { _ = try setUp("bo") } == .setupDone)
      #expect(try gate.keeper.users(by: session.caller).map(\.name) == ["ann"])
      #expect(try gate.actions() == ["setup", "login"])
    }
  }

  @Test("a wrong secret makes nothing, a refused name or password leaves the secret, a newer secret replaces it")
  func refusals() throws {
    try withGate { gate throws in
      let older = try #require(try gate.keeper.beginSetup())
      let secret = try #require(try gate.keeper.beginSetup())
      func setUp(_ secret: String, _ name: String = "ann", _ password: String = Gate.password) -> AccessError? {
        accessError {
          _ = try gate.keeper.setUp(secret: secret, name: name, password: password, address: Gate.address)
        }
      }
      for wrong in ["", "guess", older.text, Secret().text, secret.text + "A"] {
        #expect(setUp(wrong) == .unauthenticated)
      }
      #expect(setUp(secret.text, "not a name") == .badName)
      guard case .weakPassword = setUp(secret.text, "ann", "short") else {
        Issue.record("a short password was taken")
        return
      }
      #expect(try gate.keeper.needsSetup())
      #expect(setUp(secret.text) == nil)
    }
  }

  @Test("secrets cannot be tried without end")
  func guessing() throws {
    try withGate { gate throws in
      let secret = try #require(try gate.keeper.beginSetup())
      func setUp(_ text: String, from address: String) -> AccessError? {
        accessError { _ = try gate.keeper.setUp(secret: text, name: "ann", password: Gate.password, address: address) }
      }
      for _ in 0..<20 { #expect(setUp(Secret().text, from: "2001:db8:1:2::1") == .unauthenticated) }
      #expect(setUp(secret.text, from: "2001:db8:1:2::ffff")?.isTooManyAttempts == true)
      #expect(setUp(secret.text, from: "2001:db8:1:3::1") == nil)
    }
  }

  @Test("of many who set up at the same moment, in two processes, one becomes admin")
  func race() throws {
    try withGate { gate throws in
      let keepers = [gate.keeper, try gate.another()]
      let secrets = try keepers.map { try #require(try $0.beginSetup()) }
      let outcomes = Guarded<[AccessError?]>([])
      inThreads(8) { number in
        let outcome = accessError {
          _ = try keepers[number % 2].setUp(
            secret: secrets[number % 2].text, name: "user\(number)", password: Gate.password, address: Gate.address)
        }
        outcomes.withLock { $0.append(outcome) }
      }
      #expect(outcomes.withLock { $0 }.filter { $0 == nil }.count == 1)
      #expect(outcomes.withLock { $0 }.filter { $0 == .setupDone }.count == 7)
      #expect(try gate.store.accounts().count == 1)
      // What was tried and failed says so.
      let entries = try gate.store.auditEntries(.init(action: .setup))
      #expect(entries.filter { $0.detail == nil }.count == entries.filter { $0.detail == "failed" }.count + 1)
    }
  }
}
