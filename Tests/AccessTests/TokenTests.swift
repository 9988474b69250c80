import Foundation
import Testing

@testable import Access
@testable import Store

@Suite("Tokens", .serialized)
struct TokenTests {
  private let password = "another good password"

  @Test("a token's text is shown once, lets a program in without a second secret, and stands in the list without it")
  func add() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let (token, text) = try gate.keeper.addToken(name: "kiosk", permissions: [.identify, .view], days: 30, by: ann)
      #expect(text.text.hasPrefix("rct_") && text.text.utf8.count == 47)
      #expect(token.by == "ann" && token.permissions == [.identify, .view] && token.lastUsed == nil)
      let caller = try gate.caller(token: text.text)
      #expect(caller.name == "token:kiosk")
      #expect(caller.permissions == [.identify, .view])
      #expect(caller.csrf == nil && caller.role == nil)
      let listed = try gate.keeper.tokens(by: ann)
      #expect(listed.map(\.id) == [token.id])
      #expect(listed[0].lastUsed != nil)
      #expect(accessError { _ = try gate.keeper.tokens(by: caller) } == .forbidden)
      // A token decides, whatever cookie comes with it.
      #expect(
        accessError {
          _ = try gate.keeper.caller(for: Credentials(cookie: Secret().text, token: "x", isChange: false), address: "")
        } == .unauthenticated)
    }
  }

  @Test("what a token needs is asked for")
  func refusals() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      func adding(_ name: String = "kiosk", _ permissions: Set<Permission> = [.view], days: Int? = nil) -> AccessError?
      {
        accessError { _ = try gate.keeper.addToken(name: name, permissions: permissions, days: days, by: ann) }
      }
      for name in ["", "  ", "a\nb", String(repeating: "a", count: 101)] { #expect(adding(name) == .badName) }
      #expect(adding("kiosk", []) == .badValue("A token needs one permission at least."))
      for days in [0, -1, 3651] { #expect(adding(days: days) == .badValue("A token lasts 1 to 3650 days.")) }
      #expect(adding(days: 3650) == nil)
    }
  }

  @Test("a token that is over, revoked or wrong lets nobody in")
  func ends() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let keeper = gate.keeper
      let short = try keeper.addToken(name: "short", permissions: [.view], days: 1, by: ann)
      let long = try keeper.addToken(name: "long", permissions: [.view], by: ann)
      gate.pass(86_399)
      #expect(try gate.caller(token: short.text.text).name == "token:short")
      gate.pass(2)
      #expect(accessError { _ = try gate.caller(token: short.text.text) } == .unauthenticated)
      #expect(try gate.caller(token: long.text.text).name == "token:long")
      try keeper.revokeToken(long.token.id, by: ann)
      #expect(accessError { _ = try gate.caller(token: long.text.text) } == .unauthenticated)
      #expect(accessError { try keeper.revokeToken(long.token.id, by: ann) } == .notFound)
      for wrong in ["", "rct_", Secret().text, Secret(prefix: "rct_").text, long.token.id] {
        #expect(accessError { _ = try gate.caller(token: wrong) } == .unauthenticated)
      }
      #expect(try gate.actions(.init(action: .tokenRevoke)) == ["token-revoke"])
      #expect(try gate.store.auditEntries(.init(action: .tokenAdd)).last?.object == .other(short.token.id))
    }
  }

  @Test("a token may never do more than its maker may now")
  func makersRole() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let keeper = gate.keeper
      try keeper.addUser(name: "bo", role: .admin, password: password, by: ann)
      let bo = try gate.logIn("bo", password).caller
      let text = try keeper.addToken(name: "t", permissions: Set(Permission.allCases), by: bo).text.text
      #expect(try gate.caller(token: text).permissions == Set(Permission.allCases))
      try keeper.changeUser("bo", role: .viewer, by: ann)
      #expect(try gate.caller(token: text).permissions == Role.viewer.permissions)
      #expect(accessError { try keeper.removeUser("ann", by: gate.caller(token: text)) } == .forbidden)
      try keeper.changeUser("bo", role: .admin, by: ann)
      #expect(try gate.caller(token: text).permissions == Set(Permission.allCases))
    }
  }

  @Test("who may manage and no more gives nobody more than that")
  func escalation() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let keeper = gate.keeper
      try keeper.addUser(name: "vi", role: .viewer, password: password, by: ann)
      let text = try keeper.addToken(name: "t", permissions: [.manage, .view, .metrics], by: ann).text.text
      let caller = try gate.caller(token: text)
      #expect(accessError { _ = try keeper.addToken(name: "u", permissions: [.enroll], by: caller) } == .forbidden)
      for role in [Role.operator, .admin] {
        #expect(accessError { try keeper.addUser(name: "x", role: role, password: password, by: caller) } == .forbidden)
        #expect(accessError { try keeper.changeUser("vi", role: role, by: caller) } == .forbidden)
      }
      #expect(accessError { try keeper.changeUser("ann", password: password, by: caller) } == .forbidden)
      #expect(accessError { try keeper.addUser(name: "x", role: .viewer, password: password, by: caller) } == nil)
      #expect(accessError { _ = try keeper.addToken(name: "u", permissions: [.view], by: caller) } == nil)
      #expect(try gate.store.auditEntries(.init(who: "token:t")).map(\.action) == [.tokenAdd, .userAdd])
    }
  }

  @Test("use is noted once a minute at most, and the list comes page by page")
  func list() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let made = try (0..<5).map { number in
        gate.pass(1)
        return try gate.keeper.addToken(name: "t\(number)", permissions: [.view], by: ann)
      }
      var paged: [Token] = []
      while case let page = try gate.keeper.tokens(after: paged.last?.id, limit: 2, by: ann), !page.isEmpty {
        paged += page
      }
      #expect(paged.map(\.name) == ["t0", "t1", "t2", "t3", "t4"])
      func lastUsed() throws -> Date? { try gate.keeper.tokens(by: ann)[0].lastUsed }
      _ = try gate.caller(token: made[0].text.text)
      let first = try #require(try lastUsed())
      gate.pass(59)
      _ = try gate.caller(token: made[0].text.text)
      #expect(try lastUsed() == first)
      gate.pass(2)
      _ = try gate.caller(token: made[0].text.text)
      #expect(try #require(try lastUsed()) > first)
    }
  }
}
