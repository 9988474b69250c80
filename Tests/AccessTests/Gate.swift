import Foundation
import Posix
import TestResources
import Testing

@testable import Access
@testable import Store

/// A gatekeeper with a database of its own, and a clock that only the test moves on.
struct Gate {
  static let address = "192.0.2.7"
  static let password = "correct horse battery"

  let store: Store
  let keeper: Gatekeeper
  private let clock: Guarded<Date>

  init(_ store: Store) throws {
    // From the present on, because the database itself removes what is over; in whole seconds, because it keeps
    // milliseconds.
    let clock = Guarded(Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded()))
    self.clock = clock
    self.store = store
    keeper = try Gatekeeper(store, passwords: Self.passwords(), now: { clock.withLock { $0 } })
  }

  /// As cheap as can be.
  static func passwords() throws -> Passwords {
    try Passwords(cost: .init(passes: 1, memory: 8192), atOnce: 4)
  }

  var now: Date { clock.withLock { $0 } }

  func pass(_ seconds: TimeInterval) {
    clock.withLock { $0 += seconds }
  }

  /// Another gatekeeper on the same database, as another process or a new start has one.
  func another() throws -> Gatekeeper {
    let clock = clock
    return try Gatekeeper(store, passwords: Self.passwords(), now: { clock.withLock { $0 } })
  }

  /// The first admin, "ann", logged in.
  @discardableResult
  func setUp() throws -> NewSession {
    let secret = try #require(try keeper.beginSetup())
    return try keeper.setUp(secret: secret.text, name: "ann", password: Self.password, address: Self.address)
  }

  func logIn(_ name: String, _ password: String = Gate.password, from address: String = Gate.address) throws
    -> NewSession
  {
    try keeper.logIn(name: name, password: password, address: address)
  }

  /// Whoever has this cookie, asking for something that changes nothing.
  func caller(_ cookie: Secret, from address: String = Gate.address) throws -> Caller {
    try keeper.caller(for: Credentials(cookie: cookie.text, isChange: false), address: address)
  }

  /// Whoever has this token.
  func caller(token: String, from address: String = Gate.address) throws -> Caller {
    try keeper.caller(for: Credentials(token: token, isChange: true), address: address)
  }

  func actions(_ query: Store.AuditQuery = .init()) throws -> [String] {
    try store.auditEntries(query).map(\.action.rawValue).reversed()
  }
}

func withGate(_ body: (Gate) throws -> Void) throws {
  let folder = try TemporaryFolder()
  let store = try Store.open(.embedded(dataFolder: folder.url))
  defer { store.close() }
  try body(Gate(store))
}

/// The error of this module that `body` throws.
func accessError(_ body: () throws -> Void) -> AccessError? {
  do {
    try body()
    return nil
  } catch {
    return error as? AccessError
  }
}

extension AccessError {
  var isTooManyAttempts: Bool { retryAfter != nil }

  var retryAfter: Int? {
    if case .tooManyAttempts(let seconds) = self { seconds } else { nil }
  }
}
