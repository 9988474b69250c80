import Foundation
import Posix

/// Counts attempts that failed, and makes whoever failed too often wait. In memory only: a new process begins anew.
///
/// **By account**: after 5 failures the next attempt must wait 15 seconds, and twice as long after each further one, up
/// to 15 minutes. That alone would let a stranger lock somebody out by failing on purpose. So a client address from
/// which somebody logged in to the account within the last day has a count of its own, and what others do does not
/// touch it.
///
/// **By client address**: 20 failures within 10 minutes, for passwords, tokens and set-up each on its own: a forgotten
/// device that shows a revoked token twice a second must not keep the people behind the same address from logging in.
///
/// An attempt counts as failed from its beginning until it is known to be right, so many at the same moment are no way
/// around the limit.
final class Attempts: Sendable {
  enum Purpose: Hashable {
    case password
    case token
    case setup
  }

  /// One attempt, which counts as failed unless it is said to have succeeded.
  struct Attempt {
    fileprivate let time: Date
    fileprivate let address: AddressKey
    fileprivate let account: AccountKey?
  }

  static let failuresOfAccount = 5
  static let shortestWait: TimeInterval = 15
  static let longestWait: TimeInterval = 900
  static let failuresOfAddress = 20
  static let addressWindow: TimeInterval = 600
  /// How long a client address counts as known, and a failure is remembered.
  static let memory: TimeInterval = 86_400
  /// Entries of each table: a few megabytes in all.
  static let entries = 10_000
  /// Known client addresses of one account.
  static let addressesOfAccount = 32

  fileprivate struct AddressKey: Hashable {
    let purpose: Purpose
    let scope: String
  }

  fileprivate struct AccountKey: Hashable {
    let name: String
    /// The client address, if it is known; nil is for all strangers together.
    let scope: String?
  }

  fileprivate struct Failures {
    var count = 0
    var last = Date.distantPast

    /// From this moment on the next attempt may be made.
    var end: Date {
      guard count >= failuresOfAccount else { return .distantPast }
      return last + min(longestWait, shortestWait * pow(2, Double(min(count - failuresOfAccount, 16))))
    }
  }

  fileprivate struct State {
    var accounts: [AccountKey: Failures] = [:]
    var addresses: [AddressKey: [Date]] = [:]
    /// When somebody logged in last, by account and client address.
    var known: [String: [String: Date]] = [:]
  }

  private let state = Guarded(State())
  private let now: @Sendable () -> Date

  init(now: @escaping @Sendable () -> Date) {
    self.now = now
  }

  /// Begins an attempt, unless too many failed.
  ///
  /// - Parameter account: name of the account as somebody typed it, whether there is one or not; nil where there is
  ///   none to speak of.
  /// - Throws: `AccessError.tooManyAttempts`.
  func begin(_ purpose: Purpose, account name: String? = nil, address: String) throws(AccessError) -> Attempt {
    let scope = ClientAddress.scope(address)
    let wait: TimeInterval
    let attempt: Attempt
    (wait, attempt) = state.withLock { state in
      let now = now()
      let addressKey = AddressKey(purpose: purpose, scope: scope)
      let accountKey = name.map { name in
        let name = Self.key(name)
        let isKnown = state.known[name]?[scope].map { $0 > now - Self.memory } ?? false
        return AccountKey(name: name, scope: isKnown ? scope : nil)
      }
      let attempt = Attempt(time: now, address: addressKey, account: accountKey)

      var times = state.addresses[addressKey, default: []].filter { $0 > now - Self.addressWindow && $0 <= now }
      var failures = accountKey.flatMap { state.accounts[$0] } ?? Failures()
      // What lies ahead is from before the clock was set back, and would count for as long as it was set back.
      if failures.last <= now - Self.memory || failures.last > now { failures = Failures() }
      var wait = failures.end.timeIntervalSince(now)
      if times.count >= Self.failuresOfAddress {
        wait = max(wait, (times[0] + Self.addressWindow).timeIntervalSince(now))
      }
      // One that is refused does not count, so that waiting helps.
      guard wait <= 0 else { return (wait, attempt) }

      times.append(now)
      state.addresses[addressKey] = times
      Self.trim(&state.addresses) { ($0.count, $0.last ?? .distantPast) }
      if let accountKey {
        failures.count += 1
        failures.last = now
        state.accounts[accountKey] = failures
        // Those with few failures go first: else whoever fails with ten thousand names would have the one that matters
        // forgotten.
        Self.trim(&state.accounts) { ($0.count, $0.last) }
      }
      return (0, attempt)
    }
    guard wait <= 0 else { throw .tooManyAttempts(retryAfter: Int(wait.rounded(.up))) }
    return attempt
  }

  /// The attempt was right. That clears the account's count, and not the client address's: else whoever has one account
  /// could go on guessing at others.
  func succeed(_ attempt: Attempt) {
    state.withLock { state in
      state.takeBack(attempt)
      if let account = attempt.account { state.accounts[account] = nil }
    }
  }

  /// Nobody can tell whether the attempt was right, because something else failed.
  func withdraw(_ attempt: Attempt) {
    state.withLock { state in
      state.takeBack(attempt)
      if let account = attempt.account { state.accounts[account]?.count -= 1 }
    }
  }

  /// Somebody logged in from there at that time.
  func remember(account name: String, address: String, at time: Date) {
    state.withLock { $0.rememberLogin(Self.key(name), ClientAddress.scope(address), time) }
  }

  /// An account was removed: another one of the same name is somebody else's.
  func forget(account name: String) {
    state.withLock { $0.known[Self.key(name)] = nil }
  }

  /// How many entries the tables have.
  var entries: [Int] {
    state.withLock { [$0.accounts.count, $0.addresses.count, $0.known.count] }
  }

  private static func key(_ name: String) -> String {
    String(name.lowercased().prefix(64))
  }

  /// Keeps a table within its limit: a quarter goes at a time, so that it happens seldom.
  fileprivate static func trim<Key, Value>(_ table: inout [Key: Value], rank: (Value) -> (Int, Date)) {
    guard table.count > entries else { return }
    let order = table.map { (key: $0.key, rank: rank($0.value)) }.sorted { $0.rank < $1.rank }
    for entry in order.prefix(entries / 4) { table[entry.key] = nil }
  }
}

extension Attempts.State {
  fileprivate mutating func takeBack(_ attempt: Attempts.Attempt) {
    guard let index = addresses[attempt.address]?.lastIndex(of: attempt.time) else { return }
    addresses[attempt.address]?.remove(at: index)
  }

  fileprivate mutating func rememberLogin(_ name: String, _ scope: String, _ time: Date) {
    known[name, default: [:]][scope] = max(time, known[name]?[scope] ?? .distantPast)
    if let scopes = known[name], scopes.count > Attempts.addressesOfAccount,
      let oldest = scopes.min(by: { $0.value < $1.value })
    {
      known[name]?[oldest.key] = nil
    }
    Attempts.trim(&known) { ($0.count, $0.values.max() ?? .distantPast) }
  }
}
