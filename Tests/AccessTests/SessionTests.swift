import Foundation
import TestResources
import Testing

@testable import Access
@testable import Store

@Suite("Sessions", .serialized)
struct SessionTests {
  @Test("a right name, in any letter case, and password log in; everything else is the same refusal")
  func logIn() throws {
    try withGate { gate throws in
      try gate.setUp()
      let session = try gate.logIn("ANN")
      #expect(session.caller.name == "ann")
      #expect(session.caller.csrf?.isEmpty == false)
      let caller = try gate.caller(session.cookie)
      #expect(caller == session.caller)
      for (name, password) in [
        ("ann", "wrong password"), ("bo", Gate.password), ("", ""), ("a b", Gate.password), ("ann", ""),
        ("ann", String(repeating: "a", count: 100_000)),
      ] {
        #expect(accessError { _ = try gate.logIn(name, password, from: "\(name.count).0.0.1") } == .unauthenticated)
      }
      #expect(try gate.keeper.users(by: caller)[0].lastLogin != nil)
    }
  }

  @Test("what failed is in the audit log, but not a name that is no account's, for it may be a password")
  func failures() throws {
    try withGate { gate throws in
      try gate.setUp()
      for name in ["Ann", "MySecretPassword"] { _ = accessError { _ = try gate.logIn(name, "wrong password") } }
      let failed = try gate.store.auditEntries(.init(action: .loginFailed))
      #expect(Set(failed.map(\.who)) == ["ann", "unknown"])
      #expect(failed.allSatisfy { $0.address == Gate.address && $0.object == nil })
      #expect(try !"\(gate.store.auditEntries())".contains("MySecret"))
    }
  }

  @Test("neither the password nor the cookie nor a token is stored or described anywhere")
  func nothingStored() throws {
    try withGate { gate throws in
      let session = try gate.setUp()
      let token = try gate.keeper.addToken(name: "kiosk", permissions: [.identify], by: session.caller)
      for secret in [session.cookie.text, token.text.text, Gate.password] {
        let found = try gate.store.perform("Testing") { client in
          try Store.documents(client) { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { Data($0).range(of: Data(secret.utf8)) != nil }
          }
        }
        #expect(found == 0)
        var dumped = ""
        dump([session.cookie, token.text], to: &dumped)
        #expect(!"\(session) \(token)".contains(secret) && !dumped.contains(secret))
      }
    }
  }

  @Test("a request that changes something needs the session's second secret; one that looks does not")
  func csrf() throws {
    try withGate { gate throws in
      let session = try gate.setUp()
      func change(_ csrf: String?) -> AccessError? {
        accessError {
          _ = try gate.keeper.caller(
            for: Credentials(cookie: session.cookie.text, csrf: csrf, isChange: true), address: Gate.address)
        }
      }
      let right = try #require(session.caller.csrf)
      #expect(change(right) == nil)
      let other = try gate.logIn("ann")
      for wrong in [nil, "", "guess", other.caller.csrf, right + " "] { #expect(change(wrong) == .badCSRF) }
      #expect(try gate.caller(session.cookie).name == "ann")
      #expect(
        accessError { _ = try gate.keeper.caller(for: Credentials(isChange: false), address: "") } == .unauthenticated)
    }
  }

  @Test("a session is over after 12 hours without use, and after 7 days in any case")
  func expiry() throws {
    try withGate { gate throws in
      let start = gate.now
      let idle = try gate.setUp()
      let used = try gate.logIn("ann")
      #expect(used.caller.expires == start + 12 * 3600)
      gate.pass(12 * 3600 - 1)
      #expect(try gate.caller(used.cookie).name == "ann")
      gate.pass(1)
      #expect(accessError { _ = try gate.caller(idle.cookie) } == .unauthenticated)
      for _ in 1..<14 {
        #expect(try #require(try gate.caller(used.cookie).expires) <= start + 7 * 86_400)
        gate.pass(12 * 3600 - 60)
      }
      #expect(try gate.caller(used.cookie).name == "ann")
      gate.pass(1000)
      #expect(accessError { _ = try gate.caller(used.cookie) } == .unauthenticated)
    }
  }

  @Test("use is noted once a minute at most")
  func lastUsed() throws {
    try withGate { gate throws in
      let session = try gate.setUp()
      func lastUsed() throws -> Date { try #require(try gate.store.session(id: session.cookie.digest)).lastUsed }
      let first = try lastUsed()
      gate.pass(59)
      _ = try gate.caller(session.cookie)
      #expect(try lastUsed() == first)
      gate.pass(2)
      _ = try gate.caller(session.cookie)
      #expect(try lastUsed() > first)
    }
  }

  @Test("logging out ends this session and no other")
  func logOut() throws {
    try withGate { gate throws in
      let (one, other) = (try gate.setUp(), try gate.logIn("ann"))
      try gate.keeper.logOut(one.caller)
      #expect(accessError { _ = try gate.caller(one.cookie) } == .unauthenticated)
      #expect(try gate.caller(other.cookie).name == "ann")
      #expect(try gate.actions().last == "logout")
    }
  }

  @Test("a change of one's own password asks for the present one, ends other sessions, and keeps this one")
  func changePassword() throws {
    try withGate { gate throws in
      let (one, other) = (try gate.setUp(), try gate.logIn("ann"))
      let new = "a new password of mine"
      func change(_ current: String, _ new: String) -> AccessError? {
        accessError { try gate.keeper.changePassword(one.caller, current: current, new: new) }
      }
      #expect(change("wrong password", new) == .wrongPassword)
      #expect(change(Gate.password, "ann12") != nil)
      #expect(try gate.caller(other.cookie).name == "ann")
      #expect(change(Gate.password, new) == nil)
      #expect(try gate.caller(one.cookie).csrf == one.caller.csrf)
      #expect(accessError { _ = try gate.caller(other.cookie) } == .unauthenticated)
      #expect(accessError { _ = try gate.logIn("ann") } == .unauthenticated)
      #expect(try gate.logIn("ann", new).caller.name == "ann")
      let token = try gate.keeper.addToken(name: "t", permissions: [.view], by: one.caller).text
      let byToken = try gate.caller(token: token.text)
      #expect(accessError { try gate.keeper.changePassword(byToken, current: new, new: Gate.password) } == .forbidden)
      // Somebody who took over a session does not get to try passwords without end.
      let outcomes = (0..<6).map { _ in change("wrong password", Gate.password) }
      #expect(outcomes.prefix(5).allSatisfy { $0 == .wrongPassword } && outcomes[5]?.isTooManyAttempts == true)
    }
  }

  @Test("a session that begins while the password changes does not outlive the change")
  func beginsDuringChange() throws {
    try withGate { gate throws in
      let session = try gate.setUp()
      let old = try #require(try gate.store.account(named: "ann"))
      try gate.keeper.changePassword(session.caller, current: Gate.password, new: "a new password of mine")
      // The old password was found right just before; the session is written now.
      let late = try gate.keeper.beginSession(of: old, address: Gate.address)
      #expect(accessError { _ = try gate.caller(late.cookie) } == .unauthenticated)
    }
  }

  @Test("logging in replaces a hash that was made at another cost, and sessions stay")
  func rehash() throws {
    try withGate { gate throws in
      let session = try gate.setUp()
      let dearer = try Gatekeeper(
        gate.store, passwords: Passwords(cost: .init(passes: 2, memory: 16384)), now: { Date() })
      let before = try #require(try gate.store.account(named: "ann")).passwordHash
      _ = try dearer.logIn(name: "ann", password: Gate.password, address: Gate.address)
      let after = try #require(try gate.store.account(named: "ann")).passwordHash
      #expect(before != after)
      _ = try dearer.logIn(name: "ann", password: Gate.password, address: Gate.address)
      #expect(try gate.store.account(named: "ann")?.passwordHash == after)
      #expect(try gate.caller(session.cookie).name == "ann")
    }
  }

  @Test("what cannot be written to the audit log does not happen")
  func auditFirst() throws {
    try withGate { gate throws in
      let session = try gate.setUp()
      _ = try gate.store.perform("Testing") { client in
        try client.write(["collMod": "audit", "validator": ["never": ["$exists": true]]])
      }
      let keeper = gate.keeper
      func fails(_ body: () throws -> Void) -> Bool {
        do {
          try body()
          return false
        } catch { return error is StoreError }
      }
      #expect(fails { _ = try gate.logIn("ann") })
      #expect(fails { try keeper.addUser(name: "bo", role: .viewer, password: Gate.password, by: session.caller) })
      #expect(fails { _ = try keeper.addToken(name: "t", permissions: [.view], by: session.caller) })
      #expect(
        fails { try keeper.changePassword(session.caller, current: Gate.password, new: "another password") })
      #expect(fails { try keeper.logOut(session.caller) })
      #expect(try gate.caller(session.cookie).name == "ann")
      #expect(try gate.store.accounts().count == 1)
      #expect(try gate.store.tokens().isEmpty)
    }
  }
}
