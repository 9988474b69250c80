import Foundation
import Posix

/// Counts failed attempts and makes clients wait after too many of them. The counts are in memory only. A new process
/// starts at zero.
///
/// **By account**: after 5 failures the next attempt must wait 15 seconds. Each further failure doubles the wait, up to
/// 15 minutes. This limit alone would let a stranger lock a user out by failing on purpose. So a client address from
/// which somebody logged in to the account within the last day has its own count. Failures from other addresses do not
/// change it.
///
/// **By client address**: 20 failures within 10 minutes. Passwords, tokens and set-up are counted separately. Otherwise
/// a forgotten device that sends a revoked token twice a second would keep the people behind the same address from
/// logging in.
///
/// An attempt counts as failed from its beginning until it is known to be right. So simultaneous attempts cannot get
/// around the limit.
final class Attempts: Sendable {
  enum Purpose: Hashable {
    case password
    case token
    case setup
  }

  /// One attempt. It counts as failed until `succeed` or `withdraw` is called.
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
  /// Seconds for which a client address counts as known, and for which a failure is remembered.
  static let memory: TimeInterval = 86_400
  /// The largest number of entries in each table. All tables together take a few megabytes.
  static let entries = 10_000
  /// The largest number of known client addresses of one account.
  static let addressesOfAccount = 32

  fileprivate struct AddressKey: Hashable {
    let purpose: Purpose
    let scope: String
  }

  fileprivate struct AccountKey: Hashable {
    let name: String
    /// The client address, if it is known; nil for all unknown addresses together.
    let scope: String?
  }

  fileprivate struct Failures {
    var count = 0
    var last = Date.distantPast

    /// The moment from which the next attempt is allowed.
    var end: Date {
      guard count >= failuresOfAccount else { return .distantPast }
      return last + min(longestWait, shortestWait * pow(2, Double(min(count - failuresOfAccount, 16))))
    }
  }

  fileprivate struct State {
    var accounts: [AccountKey: Failures] = [:]
    var addresses: [AddressKey: [Date]] = [:]
    /// The time of the last login, by account and client address.
    var known: [String: [String: Date]] = [:]
  }

  private let state = Guarded(State())
  private let now: @Sendable () -> Date

  init(now: @escaping @Sendable () -> Date) {
    self.now = now
  }

  /// Begins an attempt.
  ///
  /// - Parameter account: The account's name as somebody typed it, whether or not the account exists; nil if the
  ///   attempt names no account.
  /// - Throws: `AccessError.tooManyAttempts` if too many attempts failed.
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
      // A failure in the future was recorded before the clock was set back. It would count until the clock has caught
      // up.
      if failures.last <= now - Self.memory || failures.last > now { failures = Failures() }
      var wait = failures.end.timeIntervalSince(now)
      if times.count >= Self.failuresOfAddress {
        wait = max(wait, (times[0] + Self.addressWindow).timeIntervalSince(now))
      }
      // A refused attempt does not count, so that waiting helps.
      guard wait <= 0 else { return (wait, attempt) }

      times.append(now)
      state.addresses[addressKey] = times
      Self.trim(&state.addresses) { ($0.count, $0.last ?? .distantPast) }
      if let accountKey {
        failures.count += 1
        failures.last = now
        state.accounts[accountKey] = failures
        // Accounts with few failures are removed first. Otherwise failures with ten thousand other names would push out
        // the account under attack.
        Self.trim(&state.accounts) { ($0.count, $0.last) }
      }
      return (0, attempt)
    }
    guard wait <= 0 else { throw .tooManyAttempts(retryAfter: Int(wait.rounded(.up))) }
    return attempt
  }

  /// Records that the attempt was right. This clears the account's count. The client address keeps its other failures.
  /// Otherwise a client with one valid account could go on guessing at others.
  func succeed(_ attempt: Attempt) {
    state.withLock { state in
      state.takeBack(attempt)
      if let account = attempt.account { state.accounts[account] = nil }
    }
  }

  /// Takes back an attempt whose outcome is unknown because something else failed.
  func withdraw(_ attempt: Attempt) {
    state.withLock { state in
      state.takeBack(attempt)
      if let account = attempt.account { state.accounts[account]?.count -= 1 }
    }
  }

  /// Records a login to an account from a client address.
  func remember(account name: String, address: String, at time: Date) {
    state.withLock { $0.rememberLogin(Self.key(name), ClientAddress.scope(address), time) }
  }

  /// Forgets the known client addresses of a removed account. A later account of the same name belongs to somebody
  /// else.
  func forget(account name: String) {
    state.withLock { $0.known[Self.key(name)] = nil }
  }

  /// The number of entries in each table.
  var entries: [Int] {
    state.withLock { [$0.accounts.count, $0.addresses.count, $0.known.count] }
  }

  private static func key(_ name: String) -> String {
    String(name.lowercased().prefix(64))
  }

  /// Keeps a table within its limit. Removes a quarter of the limit at a time, lowest rank first, so that this happens
  /// rarely.
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
