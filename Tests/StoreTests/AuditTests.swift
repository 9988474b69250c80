import Foundation
import Testing
import Values

@testable import Store

@Suite("Audit log", .serialized)
struct AuditTests {
  private let time = Date(timeIntervalSince1970: 1_750_000_000)

  private func entry(
    _ seconds: Double = 0, who: String = "ann", _ action: AuditEntry.Action = .login,
    _ object: AuditEntry.Object? = nil,
    detail: String? = nil
  ) -> AuditEntry {
    AuditEntry(time: time + seconds, who: who, address: "192.0.2.7", action: action, object: object, detail: detail)
  }

  private func withPeople(_ body: (Store) throws -> Void) throws {
    try withStore { store, _ throws in
      for (id, name) in [("7", "Ada Lovelace"), ("17", "Bo"), ("ann", "Ann")] {
        _ = try store.addTemplates([], personID: id, name: name, consent: consent)
      }
      try body(store)
    }
  }

  @Test("entries read back as written, newest first, page by page")
  func roundTrip() throws {
    try withPeople { store throws in
      let entries = [
        entry(0, .login), entry(1, .look, .person("7"), detail: "log"), entry(1, .userAdd, .account("bo")),
        entry(1, .cameraAdd, .other("door")), entry(2, who: "token:kiosk", .export),
        entry(3, .personForget, .forgotten),
      ]
      for entry in entries + [entries[0]] { try store.insert(entry) }
      let read = try store.auditEntries()
      // Also those of the same moment.
      #expect(read == entries.reversed())
      var paged: [AuditEntry] = []
      var position: Store.AuditPosition?
      while case let page = try store.auditEntries(after: position, limit: 2), let last = page.last {
        paged += page
        // As text, as it travels.
        position = Store.AuditPosition(Store.AuditPosition(after: last).description)
        #expect(position != nil)
      }
      #expect(paged == read)
      #expect(Store.AuditPosition("yesterday") == nil)
    }
  }

  @Test("ids that are made one after the other are in order, and UUIDs")
  func order() {
    let ids = (0..<20_000).map { _ in entry().id }
    #expect(ids == ids.sorted() && Set(ids).count == ids.count)
    #expect(ids.allSatisfy { UUID(uuidString: $0)?.uuidString.lowercased() == $0 })
    #expect(Array(ids[0])[14] == "7" && Array(ids[0])[19] == "8")
  }

  @Test("entries are found by who, in any letter case, by action, and by time")
  func filters() throws {
    try withStore { store, _ throws in
      for number in 0..<6 {
        try store.insert(
          entry(Double(number), who: number % 2 == 0 ? "Ann" : "bo", number < 3 ? .login : .logout))
      }
      func seconds(_ query: Store.AuditQuery, limit: Int = .max) throws -> [Double] {
        try store.auditEntries(query, limit: limit).map { $0.time.timeIntervalSince(time) }
      }
      #expect(try seconds(.init(who: "ann")) == [4, 2, 0])
      #expect(try seconds(.init(action: .logout)) == [5, 4, 3])
      #expect(try seconds(.init(who: "BO", action: .logout)) == [5, 3])
      #expect(try seconds(.init(from: time + 2, until: time + 4)) == [3, 2])
      #expect(try seconds(.init(from: time + 2), limit: 2) == [5, 4])
      let last = try #require(try store.auditEntries(.init(who: "ann"), limit: 1).last)
      #expect(try store.auditEntries(.init(who: "ann"), after: .init(after: last)).count == 2)
    }
  }

  @Test(
    "entries that are not as they must be are refused",
    arguments: [
      AuditEntry(who: "", address: "::1", action: .login), AuditEntry(who: "ann", address: " ", action: .login),
      AuditEntry(who: "ann", address: "::1", action: .init(rawValue: "Log in")),
      AuditEntry(who: "ann", address: "::1", action: .init(rawValue: "log-")),
      AuditEntry(who: "ann", address: "::1", action: .look, object: .person("")),
      AuditEntry(who: "ann", address: "::1", action: .userAdd, object: .account("a b")),
      AuditEntry(who: "ann", address: "::1", action: .login, detail: "two\nlines"),
    ])
  func refused(entry: AuditEntry) {
    #expect(storeError { try Rules.check(entry) }?.code == .invalidValue)
  }

  @Test("entries stay when the account goes")
  func accountRemoved() throws {
    try withStore { store, _ throws in
      let account = Account(name: "bo", role: .viewer, passwordHash: "h")
      #expect(try store.insert(account))
      let entries = [entry(1, who: "bo"), entry(0, .userAdd, .account("bo"))]
      for entry in entries { try store.insert(entry) }
      #expect(try store.removeAccount(id: account.id) == .done)
      #expect(try store.auditEntries() == entries)
    }
  }

  @Test("forgetting a person takes the id, and the name wherever it stands, out of the audit log, and nothing else")
  func forget() throws {
    try withPeople { store throws in
      let entries = [
        entry(0, .personAdd, .person("7"), detail: "2 photos"),
        entry(1, .look, .person("7"), detail: "Ada Lovelace, also known as 7"),
        entry(2, .look, .person("17"), detail: "7 photos"),
        entry(3, .cameraAdd, .other("Ada Lovelace at the door")),
        entry(4, .export, detail: "only Ada Lovelace"),
        entry(5, .userAdd, .account("bo")),
      ]
      for entry in entries { try store.insert(entry) }
      let result = try store.forget(id: "7")
      #expect(result.auditEntries == 2)
      #expect(result.remaining == 0)
      let read = try Array(store.auditEntries().reversed())
      #expect(read.map(\.object?.text) == ["forgotten", "forgotten", "17", "(…)", nil, "bo"])
      #expect(read.map(\.object)[0] == .forgotten)
      #expect(read.map(\.detail) == ["2 photos", "(…)", "7 photos", nil, "(…)", nil])
      #expect(read.map(\.id) == entries.map(\.id))
      #expect(read.map(\.time) == entries.map(\.time))
      #expect(read.map(\.who) == entries.map(\.who))
      #expect(read.map(\.action) == entries.map(\.action))
      #expect(try store.forget(id: "7").auditEntries == 0)
    }
  }

  @Test("an account that is called like a person's id does not spoil the proof, and stays")
  func operatorsName() throws {
    try withPeople { store throws in
      #expect(try store.insert(Account(name: "ann", role: .admin, passwordHash: "h")))
      #expect(try store.insert(CameraSetting(name: "door", source: "0", by: "ann")))
      for entry in [entry(0), entry(1, .userAdd, .account("ann")), entry(2, .look, .person("ann"))] {
        try store.insert(entry)
      }
      #expect(try store.forget(id: "ann").remaining == 0)
      #expect(try store.auditEntries().map(\.who) == ["ann", "ann", "ann"])
      #expect(try store.auditEntries().map(\.object) == [.forgotten, .account("ann"), nil])
      #expect(try store.account(named: "ann") != nil)
    }
  }

  @Test("the proof finds an id where none belongs")
  func proof() throws {
    try withPeople { store throws in
      try store.insert(entry(0, .cameraAdd, .other("7")))
      #expect(try store.forget(id: "7").remaining == 1)
      let count = { (text: String) in try store.perform("Testing") { try Store.auditMentions(of: text, $0) } }
      try store.insert(entry(1, .export, detail: "of Bo, all"))
      #expect(try count("Bo") == 1)
      #expect(try count("B") == 0)
    }
  }

  @Test("an entry about a person that comes when the person is forgotten has no id; one about a person to come has")
  func late() throws {
    try withPeople { store throws in
      _ = try store.forget(id: "7")
      try store.insert(entry(0, .look, .person("7")))
      try store.insert(entry(1, .personAdd, .person("8")))
      #expect(try store.auditEntries().map(\.object) == [.person("8"), .forgotten])
      #expect(try store.forget(id: "7").remaining == 0)
      // A person who was to be added, and was not, can be forgotten all the same.
      #expect(try store.forget(id: "8").auditEntries == 1)
    }
  }
}
