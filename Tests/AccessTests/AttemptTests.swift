import Foundation
import Posix
import TestResources
import Testing

@testable import Access
@testable import Store

@Suite("Too many attempts", .serialized)
struct AttemptTests {
  private let stranger = "198.51.100.9"

  private func fail(_ times: Int, _ gate: Gate, _ name: String = "ann", from address: String) {
    for _ in 0..<times { #expect(accessError { _ = try gate.logIn(name, "wrong password", from: address) } != nil) }
  }

  @Test(
    "after five failures an account waits, longer after each further one, up to 15 minutes; then the right one gets in")
  func account() throws {
    try withGate { gate throws in
      try gate.setUp()
      var waits: [Int] = []
      for number in 0..<13 {
        // Each from elsewhere, so that only the account counts.
        let address = "203.0.113.\(number)"
        if let wait = accessError({ _ = try gate.logIn("ann", "wrong password", from: address) })?.retryAfter {
          waits.append(wait)
          #expect(accessError { _ = try gate.logIn("ann", from: address) }?.isTooManyAttempts == true)
          gate.pass(Double(wait) - 1)
          #expect(accessError { _ = try gate.logIn("ann", from: address) }?.retryAfter == 1)
          gate.pass(1)
          #expect(accessError { _ = try gate.logIn("ann", "wrong password", from: address) } == .unauthenticated)
        }
      }
      #expect(waits == [15, 30, 60, 120, 240, 480, 900, 900])
      gate.pass(900)
      #expect(try gate.logIn("ann", from: stranger).caller.name == "ann")
      fail(4, gate, from: stranger)
      #expect(try gate.logIn("ann", from: stranger).caller.name == "ann")
    }
  }

  @Test("a name that is no account's waits as one that is")
  func unknown() throws {
    try withGate { gate throws in
      try gate.setUp()
      fail(5, gate, "nobody", from: stranger)
      fail(5, gate, "ann", from: "203.0.113.1")
      let waits = ["nobody", "ann"].map { name in accessError { _ = try gate.logIn(name, from: "203.0.113.2") } }
      #expect(waits == [.tooManyAttempts(retryAfter: 15), .tooManyAttempts(retryAfter: 15)])
    }
  }

  @Test("a stranger cannot lock somebody out of where they logged in within the last day, also after a new start")
  func lockout() throws {
    try withGate { gate throws in
      try gate.setUp()
      fail(5, gate, from: stranger)
      #expect(accessError { _ = try gate.logIn("ann", from: stranger) }?.isTooManyAttempts == true)
      #expect(try gate.logIn("ann").caller.name == "ann")
      let restarted = try gate.another()
      func logIn(_ password: String, _ address: String) -> AccessError? {
        accessError { _ = try restarted.logIn(name: "Ann", password: password, address: address) }
      }
      for _ in 0..<5 { #expect(logIn("wrong password", stranger) == .unauthenticated) }
      #expect(logIn(Gate.password, "203.0.113.1")?.isTooManyAttempts == true)
      #expect(logIn(Gate.password, Gate.address) == nil)
      // It has a limit of its own.
      for _ in 0..<5 { #expect(logIn("wrong password", Gate.address) == .unauthenticated) }
      #expect(logIn(Gate.password, Gate.address)?.isTooManyAttempts == true)
    }
  }

  @Test("a day later a client address is a stranger's again")
  func forgotten() throws {
    try withGate { gate throws in
      try gate.setUp()
      gate.pass(86_401)
      fail(5, gate, from: stranger)
      #expect(accessError { _ = try gate.logIn("ann") }?.isTooManyAttempts == true)
    }
  }

  @Test("twenty failures in ten minutes stop a client address, whatever the accounts; a success does not clear them")
  func address() throws {
    try withGate { gate throws in
      try gate.setUp()
      for number in 0..<10 { fail(1, gate, "user\(number)", from: "2001:db8:1:2::\(number)") }
      #expect(try gate.logIn("ann", from: "2001:db8:1:2::1").caller.name == "ann")
      gate.pass(300)
      for number in 10..<20 { fail(1, gate, "user\(number)", from: "2001:db8:1:2:3::\(number)") }
      let refused = accessError { _ = try gate.logIn("ann", from: "2001:db8:1:2:ffff::1") }
      #expect(refused == .tooManyAttempts(retryAfter: 300))
      #expect(try gate.logIn("ann", from: "2001:db8:1:3::1").caller.name == "ann")
      gate.pass(300)
      #expect(try gate.logIn("ann", from: "2001:db8:1:2::1").caller.name == "ann")
    }
  }

  @Test(
    "an address stands for what one client has",
    arguments: [
      ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("::ffff:192.0.2.7", "192.0.2.7", true),
      ("2001:db8::1", "2001:DB8:0:0:ffff::2", true), ("2001:db8::1", "2001:db8:0:1::1", false),
      ("fe80::1%eth0", "fe80::2", true), ("", "elsewhere", false),
    ])
  func scopes(left: String, right: String, isSame: Bool) {
    #expect((ClientAddress.scope(left) == ClientAddress.scope(right)) == isSame)
  }

  @Test("wrong tokens are refused after a while; the right one from the same address is let in, and so is a password")
  func tokens() throws {
    try withGate { gate throws in
      let ann = try gate.setUp().caller
      let right = try gate.keeper.addToken(name: "t", permissions: [.view], by: ann).text.text
      let wrong = Secret(prefix: Secret.tokenPrefix).text
      for _ in 0..<20 { #expect(accessError { _ = try gate.caller(token: wrong) } == .unauthenticated) }
      #expect(accessError { _ = try gate.caller(token: wrong) }?.isTooManyAttempts == true)
      #expect(try gate.caller(token: right).name == "token:t")
      #expect(try gate.logIn("ann").caller.name == "ann")
    }
  }

  @Test("many attempts at the same moment are no way around the limit")
  func together() throws {
    try withGate { gate throws in
      try gate.setUp()
      let outcomes = Guarded<[AccessError?]>([])
      inThreads(16) { number in
        let outcome = accessError { _ = try gate.logIn("ann", "wrong password", from: "203.0.113.\(number)") }
        outcomes.withLock { $0.append(outcome) }
      }
      #expect(outcomes.withLock { $0 }.filter { $0 == .unauthenticated }.count == 5)
      #expect(outcomes.withLock { $0 }.filter { $0?.isTooManyAttempts == true }.count == 11)
    }
  }

  @Test("an attempt that failed for another reason does not count")
  func withdrawn() throws {
    let attempts = Attempts(now: { Date(timeIntervalSince1970: 0) })
    for _ in 0..<30 {
      attempts.withdraw(try attempts.begin(.password, account: "ann", address: stranger))
    }
    for _ in 0..<5 { _ = try attempts.begin(.password, account: "ann", address: stranger) }
    #expect(throws: AccessError.tooManyAttempts(retryAfter: 15)) {
      _ = try attempts.begin(.password, account: "ann", address: "203.0.113.1")
    }
  }

  @Test("a clock that is set back makes nobody wait longer")
  func clockSetBack() throws {
    let clock = Guarded(Date(timeIntervalSince1970: 1_000_000))
    let attempts = Attempts(now: { clock.withLock { $0 } })
    for _ in 0..<5 { _ = try attempts.begin(.password, account: "ann", address: stranger) }
    for _ in 0..<20 { _ = try attempts.begin(.token, address: stranger) }
    clock.withLock { $0 -= 86_400 }
    _ = try attempts.begin(.password, account: "ann", address: stranger)
    _ = try attempts.begin(.token, address: stranger)
  }

  @Test("failures with thousands of names do not make an account's be forgotten")
  func flood() throws {
    let clock = Guarded(Date(timeIntervalSince1970: 0))
    let attempts = Attempts(now: { clock.withLock { $0 } })
    for _ in 0..<5 { _ = try attempts.begin(.password, account: "ann", address: stranger) }
    for number in 0..<25_000 {
      if number % 1000 == 0 { clock.withLock { $0 += 0.1 } }
      _ = try attempts.begin(
        .password, account: "name\(number)", address: "2001:db8:\(String(number, radix: 16))::1")
    }
    #expect(attempts.entries.allSatisfy { $0 <= Attempts.entries } && attempts.entries[0] > Attempts.entries / 2)
    #expect(throws: AccessError.self) {
      _ = try attempts.begin(.password, account: "ANN", address: "203.0.113.1")
    }
  }
}
