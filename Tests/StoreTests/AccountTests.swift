import Foundation
import Posix
import TestResources
import Testing
import Values

@testable import Store

@Suite("Accounts, sessions, tokens, cameras", .serialized)
struct AccountTests {
  /// What the database keeps of a time: milliseconds.
  private let time = Date(timeIntervalSince1970: 1_750_000_000.125)

  private func account(_ name: String, _ role: Account.Role = .viewer) -> Account {
    Account(name: name, role: role, passwordHash: "hash of \(name)", created: time)
  }

  private func session(_ number: Int, of account: Account) -> Session {
    Session(
      id: String(format: "%064x", number), accountID: account.id, stamp: account.stamp, csrf: "csrf", created: time,
      lastUsed: time, expires: Date(timeIntervalSinceNow: 3600).wholeSeconds)
  }

  private func token(_ number: Int, of account: Account) -> APIToken {
    APIToken(
      name: "kiosk", digest: String(format: "%064x", number), permissions: ["identify", "view"], accountID: account.id,
      created: time + Double(number / 2))
  }

  @Test("accounts read back by id, and by name in any letter case, and come in the order of names")
  func accounts() throws {
    try withStore { store, _ throws in
      #expect(try !store.hasAccounts())
      let all = [account("bo", .admin), account("Ann@example.org"), account("cy.1_-", .operator)]
      for account in all { #expect(try store.insert(account)) }
      #expect(try store.hasAccounts())
      #expect(try store.account(named: "aNN@EXAMPLE.org") == all[1])
      #expect(try store.account(named: "ann@example") == nil)
      #expect(try store.account(id: all[0].id) == all[0])
      #expect(try store.accounts().map(\.name) == ["Ann@example.org", "bo", "cy.1_-"])
      #expect(try store.accounts(after: "ANN@example.org", limit: 1).map(\.name) == ["bo"])
      #expect(try !store.insert(account("BO")))
      #expect(try store.accounts().count == 3)
      try store.noteLogin(accountID: all[0].id, at: time + 5)
      #expect(try store.account(id: all[0].id)?.lastLogin == time + 5)
    }
  }

  @Test(
    "names that could be mistaken are refused",
    arguments: ["", ".", "..", "a b", "a/b", "a:b", "ä", "\u{430}dmin", String(repeating: "a", count: 65)])
  func names(name: String) throws {
    #expect(!Account.isName(name))
    #expect(storeError { try Rules.check(account(name)) }?.code == .invalidValue)
  }

  @Test("of many who want to be the first account at the same moment, one is")
  func first() throws {
    try withStore { store, _ throws in
      let made = Guarded(0)
      inThreads(8) { number in
        if (try? store.insert(account("user\(number)", .admin), isFirst: true)) == true { made.withLock { $0 += 1 } }
      }
      #expect(made.withLock { $0 } == 1)
      #expect(try store.accounts().count == 1)
      #expect(try !store.insert(account("late", .admin), isFirst: true))
      #expect(try store.insert(account("second", .admin)))
    }
  }

  @Test("the last admin is neither removed nor lowered; others are")
  func lastAdmin() throws {
    try withStore { store, _ throws in
      let (ann, bo, cy) = (account("ann", .admin), account("bo", .admin), account("cy"))
      for account in [ann, bo, cy] { #expect(try store.insert(account)) }
      #expect(try store.setRole(accountID: ann.id, to: .operator) == .done)
      #expect(try store.account(id: ann.id)?.role == .operator)
      #expect(try store.setRole(accountID: bo.id, to: .viewer) == .lastAdmin)
      #expect(try store.removeAccount(id: bo.id) == .lastAdmin)
      #expect(try store.account(id: bo.id) == bo)
      #expect(try store.removeAccount(id: cy.id) == .done)
      #expect(try store.removeAccount(id: cy.id) == .gone)
      #expect(try store.setRole(accountID: cy.id, to: .admin) == .gone)
      #expect(try store.setRole(accountID: ann.id, to: .admin) == .done)
      #expect(try store.removeAccount(id: bo.id) == .done)
    }
  }

  @Test("however many admins are removed and lowered at the same moment, one stays")
  func adminRace() throws {
    try withStore { store, folder throws in
      // Two stores, as two processes have them.
      let other = try folder.open()
      defer { other.close() }
      for round in 0..<5 {
        let admins = (0..<4).map { account("admin\(round)-\($0)", .admin) }
        for account in admins { #expect(try store.insert(account)) }
        for earlier in try store.accounts() where !admins.map(\.id).contains(earlier.id) {
          #expect(try store.removeAccount(id: earlier.id) == .done)
        }
        let failures = Guarded<[String]>([])
        inThreads(8) { number in
          let (store, id) = (number % 2 == 0 ? store : other, admins[number / 2].id)
          do {
            _ = try number % 4 < 2 ? store.removeAccount(id: id) : store.setRole(accountID: id, to: .viewer)
          } catch {
            failures.withLock { $0.append("\(error)") }
          }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try store.accounts().contains { $0.role == .admin })
      }
    }
  }

  @Test("an admin who is just leaving does not count as one who stays, unless the one who saw to it was killed")
  func leaving() throws {
    try withStore { store, _ throws in
      let (ann, bo) = (account("ann", .admin), account("bo", .admin))
      for account in [ann, bo] { #expect(try store.insert(account)) }
      func mark(_ seconds: Double) throws {
        _ = try store.perform("Testing") { client in
          try client.write([
            "update": "accounts",
            "updates": [
              [
                "q": ["_id": .string(bo.id)],
                "u": [
                  "$set": [
                    "leaving": [
                      "mark": .string(UUID().uuidString.lowercased()),
                      "since": .date(Date(timeIntervalSinceNow: -seconds)),
                    ]
                  ]
                ],
              ]
            ],
          ])
        }
      }
      try mark(5)
      #expect(try store.removeAccount(id: ann.id) == .lastAdmin)
      try mark(90)
      #expect(try store.removeAccount(id: ann.id) == .done)
      #expect(try store.removeAccount(id: bo.id) == .lastAdmin)
    }
  }

  @Test("a change of role or password gives an account another stamp; the same password as another hash does not")
  func stamps() throws {
    try withStore { store, _ throws in
      let ann = account("ann")
      #expect(try store.insert(ann))
      #expect(try store.insert(account("bo", .admin)))
      try store.replacePasswordHash(accountID: ann.id, "hash of ann", with: "newer hash of ann")
      try store.replacePasswordHash(accountID: ann.id, "hash of ann", with: "a third one")
      #expect(try store.account(id: ann.id)?.passwordHash == "newer hash of ann")
      #expect(try store.account(id: ann.id)?.stamp == ann.stamp)
      let stamp = try #require(try store.setPassword(accountID: ann.id, hash: "other", ifStamp: ann.stamp))
      #expect(stamp != ann.stamp)
      #expect(try store.setPassword(accountID: ann.id, hash: "third", ifStamp: ann.stamp) == nil)
      #expect(try store.account(id: ann.id)?.passwordHash == "other")
      #expect(try store.setRole(accountID: ann.id, to: .operator) == .done)
      #expect(try store.account(id: ann.id)?.stamp != stamp)
      #expect(try store.setPassword(accountID: ann.id, hash: "third") != nil)
    }
  }

  @Test("sessions read back, are used, and end, one by one or all but one, and with the account")
  func sessions() throws {
    try withStore { store, _ throws in
      let (ann, bo) = (account("ann"), account("bo"))
      for account in [ann, bo] { #expect(try store.insert(account)) }
      let all = [session(1, of: ann), session(2, of: ann), session(3, of: ann), session(4, of: bo)]
      for session in all + [all[0]] { try store.insert(session) }
      #expect(try store.session(id: all[0].id) == all[0])
      try store.noteUse(ofSession: all[0].id, at: time + 60, expires: all[0].expires + 60)
      try store.restamp(session: all[0].id, "another")
      let used = try #require(try store.session(id: all[0].id))
      #expect(used.lastUsed == time + 60 && used.expires == all[0].expires + 60 && used.stamp == "another")
      try store.removeSession(id: all[1].id)
      #expect(try store.session(id: all[1].id) == nil)
      try store.removeSessions(ofAccount: ann.id, except: all[0].id)
      #expect(try all.map { try store.session(id: $0.id) != nil } == [true, false, false, true])
      #expect(try store.removeAccount(id: bo.id) == .done)
      #expect(try store.session(id: all[3].id) == nil)
    }
  }

  @Test("tokens read back, in the order in which they were made, and go with the account")
  func tokens() throws {
    try withStore { store, _ throws in
      let (ann, bo) = (account("ann"), account("bo"))
      for account in [ann, bo] { #expect(try store.insert(account)) }
      let all = (0..<5).map { token($0, of: $0 == 4 ? bo : ann) }
      for token in all.reversed() { try store.insert(token) }
      #expect(Set(try store.tokens().map(\.id)) == Set(all.map(\.id)))
      var paged: [APIToken] = []
      while case let page = try store.tokens(after: paged.last, limit: 2), !page.isEmpty { paged += page }
      #expect(try paged == store.tokens())
      #expect(paged.map(\.created) == all.map(\.created))
      #expect(try store.token(digest: all[1].digest) == all[1])
      #expect(try store.token(id: all[1].id) == all[1])
      try store.noteUse(ofToken: all[1].id, at: time + 60)
      #expect(try store.token(id: all[1].id)?.lastUsed == time + 60)
      #expect(try store.removeToken(id: all[1].id))
      #expect(try !store.removeToken(id: all[1].id))
      #expect(try store.removeAccount(id: ann.id) == .done)
      #expect(try store.tokens() == [all[4]])
    }
  }

  @Test("cameras read back by name, and there is one of each name")
  func cameras() throws {
    try withStore { store, _ throws in
      let door = CameraSetting(name: "door", source: "rtsp://user:secret@host/1", created: time, by: "ann")
      let attic = CameraSetting(name: "attic", source: "0", created: time, by: "ann")
      for camera in [door, attic] { #expect(try store.insert(camera)) }
      #expect(try !store.insert(CameraSetting(name: "door", source: "1", by: "bo")))
      #expect(try store.cameras() == [attic, door])
      #expect(try store.removeCamera(named: "door"))
      #expect(try !store.removeCamera(named: "door"))
      #expect(try store.cameras() == [attic])
    }
  }

  @Test("what is over goes by itself, and what is looked for often is found by an index")
  func indexes() throws {
    try withStore { store, _ throws in
      for collection in ["sessions", "answers"] {
        let reply = try store.perform("Testing") { try $0.run(["listIndexes": .string(collection)]) }
        let indexes = reply["cursor"]?.document?["firstBatch"]?.array?.compactMap(\.document) ?? []
        let ending = try #require(indexes.first { $0["name"] == "expires" })
        #expect(ending["expireAfterSeconds"]?.integer == 0)
      }
      for (collection, filter): (BSON, BSON) in [
        ("sessions", ["accountID": "a"]), ("tokens", ["digest": "a"]), ("tokens", ["accountID": "a"]),
        ("audit", ["personID": "a"]), ("audit", ["time": ["$gte": .milliseconds(0)]]), ("audit", ["action": "login"]),
      ] {
        let plan = try store.perform("Testing") { client in
          try client.run([
            "explain": ["find": collection, "filter": filter], "verbosity": "queryPlanner",
          ])
        }
        #expect(String(describing: plan).contains("IXSCAN"), "\(collection) \(filter)")
      }
    }
  }

  @Test("the database itself refuses accounts and entries that are not as they must be")
  func refusals() throws {
    try withStore { store, _ throws in
      let uuid = BSON.string(UUID().uuidString.lowercased())
      let account: BSONDocument = [
        "_id": uuid, "name": "ann", "role": "admin", "passwordHash": "h", "stamp": "s", "created": .milliseconds(0),
        "lastLogin": .null,
      ]
      let entry: BSONDocument = [
        "_id": uuid, "time": .milliseconds(0), "who": "ann", "address": "::1", "action": "login",
      ]
      func refusal(_ collection: String, _ document: BSONDocument, _ key: String, _ value: BSON?) -> StoreErrorCode? {
        var document = document
        document[key] = value
        return storeError {
          _ = try store.perform("Testing") { client in
            try client.write(["insert": .string(collection), "documents": [.document(document)]])
            try client.write(["delete": .string(collection), "deletes": [["q": [:], "limit": 0]]])
          }
        }?.code
      }
      #expect(refusal("accounts", account, "role", "admin") == nil)
      for (key, value): (String, BSON?) in [
        ("_id", "1"), ("name", ".."), ("name", "a b"), ("role", "owner"), ("passwordHash", nil), ("stamp", nil),
        ("password", "in plain text"), ("isFirst", false),
      ] { #expect(refusal("accounts", account, key, value) == .refused, "\(key)") }
      #expect(refusal("audit", entry, "object", "door") == nil)
      for (key, value): (String, BSON?) in [
        ("who", nil), ("time", nil), ("address", nil), ("action", "Login"), ("action", "a--b"), ("personID", ""),
        ("name", "Ada"),
      ] { #expect(refusal("audit", entry, key, value) == .refused, "\(key)") }
    }
  }
}

extension Date {
  fileprivate var wholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded()) }
}
