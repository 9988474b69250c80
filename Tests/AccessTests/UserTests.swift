import Foundation
import Posix
import TestResources
import Testing

@testable import Access
@testable import Store

@Suite("Users", .serialized)
struct UserTests {
  private let other = "another good password"

  @Test("an admin adds users of every role, who can do what the role says and no more")
  func add() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      for role in Role.allCases {
        let name = "new-\(role.rawValue)"
        let user = try gate.keeper.addUser(name: name, role: role, password: other, by: ann)
        #expect(user.name == name && user.role == role && user.lastLogin == nil)
        let caller = try gate.logIn(name, other).caller
        #expect(caller.permissions == role.permissions)
        let canManage = role == .admin
        #expect((accessError { _ = try gate.keeper.users(by: caller) } == nil) == canManage)
        #expect((accessError { try caller.require(.manage) } == nil) == canManage)
      }
      #expect(try gate.keeper.users(by: ann).map(\.name) == ["ann", "new-admin", "new-operator", "new-viewer"])
      #expect(try gate.keeper.users(after: "new-admin", limit: 1, by: ann).map(\.name) == ["new-operator"])
      func adding(_ name: String, _ password: String) -> AccessError? {
        accessError { try gate.keeper.addUser(name: name, role: .viewer, password: password, by: ann) }
      }
      #expect(adding("New-Admin", other) == .exists)
      #expect(adding("new admin", other) == .badName)
      #expect(adding("bo", "too short") == .weakPassword("A password has 10 to 256 characters."))
    }
  }

  @Test("a change of role or password ends the user's sessions, and says so in the audit log")
  func change() throws {
    try withGate { gate throws in
      let ann = try gate.setUp()
      let keeper = gate.keeper
      try keeper.addUser(name: "bo", role: .viewer, password: other, by: ann.caller)
      let first = try gate.logIn("bo", other)
      #expect(try keeper.changeUser("BO", role: .operator, by: ann.caller).role == .operator)
      #expect(accessError { _ = try gate.caller(first.cookie) } == .unauthenticated)
      let second = try gate.logIn("bo", other)
      #expect(second.caller.permissions == Role.operator.permissions)
      // The role that it has is no change.
      try keeper.changeUser("bo", role: .operator, by: ann.caller)
      #expect(try gate.caller(second.cookie).name == "bo")
      try keeper.changeUser("bo", password: Gate.password, by: ann.caller)
      #expect(accessError { _ = try gate.caller(second.cookie) } == .unauthenticated)
      #expect(accessError { _ = try gate.logIn("bo", other) } == .unauthenticated)
      #expect(try gate.logIn("bo").caller.name == "bo")
      #expect(try gate.caller(ann.cookie).name == "ann")
      let entries = try gate.store.auditEntries(.init(action: .userChange))
      #expect(entries.map(\.detail) == ["password", "role viewer to operator"])
      #expect(entries.allSatisfy { $0.object == .account("bo") && $0.who == "ann" })
      #expect(accessError { try keeper.changeUser("cy", role: .admin, by: ann.caller) } == .notFound)
      #expect(accessError { try keeper.changeUser("bo", password: "bo", by: ann.caller) } != nil)
    }
  }

  @Test("removing a user ends the sessions and revokes the tokens, and a new user of that name gets none of them")
  func remove() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let keeper = gate.keeper
      try keeper.addUser(name: "bo", role: .admin, password: other, by: ann)
      let bo = try gate.logIn("bo", other)
      let token = try keeper.addToken(name: "kiosk", permissions: [.identify], by: bo.caller)
      #expect(try gate.caller(token: token.text.text).name == "token:kiosk")
      try keeper.removeUser("bo", by: ann)
      #expect(accessError { try keeper.removeUser("bo", by: ann) } == .notFound)
      try keeper.addUser(name: "bo", role: .admin, password: other, by: ann)
      #expect(accessError { _ = try gate.caller(bo.cookie) } == .unauthenticated)
      #expect(accessError { _ = try gate.caller(token: token.text.text) } == .unauthenticated)
      #expect(try keeper.tokens(by: ann).isEmpty)
      #expect(try gate.actions(.init(who: "bo")) == ["login", "token-add"])
    }
  }

  @Test("the last admin is neither removed nor lowered")
  func lastAdmin() throws {
    try withGate { gate throws in
      let ann = try gate.setUp()
      let keeper = gate.keeper
      #expect(accessError { try keeper.removeUser("ann", by: ann.caller) } == .lastAdmin)
      #expect(accessError { try keeper.changeUser("ann", role: .viewer, by: ann.caller) } == .lastAdmin)
      #expect(try gate.caller(ann.cookie).role == .admin)
      try keeper.addUser(name: "bo", role: .admin, password: other, by: ann.caller)
      try keeper.changeUser("ann", role: .viewer, by: ann.caller)
      #expect(accessError { _ = try gate.caller(ann.cookie) } == .unauthenticated)
      #expect(try gate.logIn("ann").caller.role == .viewer)
    }
  }

  @Test("of two last admins who remove each other at the same moment, one stays")
  func race() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      for round in 0..<5 {
        let names = ["x\(round)", "y\(round)"]
        for name in names { try gate.keeper.addUser(name: name, role: .admin, password: other, by: ann) }
        for user in try gate.keeper.users(by: ann) where !names.contains(user.name) {
          try gate.keeper.removeUser(user.name, by: ann)
        }
        let callers = try names.map { try gate.logIn($0, other).caller }
        let outcomes = Guarded<[AccessError?]>([])
        inThreads(2) { number in
          let outcome = accessError { try gate.keeper.removeUser(names[1 - number], by: callers[number]) }
          outcomes.withLock { $0.append(outcome) }
        }
        #expect(Set(outcomes.withLock { $0 }) == [nil, .lastAdmin])
        #expect(try gate.store.accounts().map(\.role) == [.admin])
      }
    }
  }
}
