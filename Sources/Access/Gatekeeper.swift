public import Foundation
import Posix
public import Store

/// The access control of the service: accounts, sessions of browsers, and tokens of programs.
///
/// ```swift
/// let gatekeeper = try Gatekeeper(store)
/// let credentials = Credentials(token: "rct_…", isChange: false)
/// let caller = try gatekeeper.caller(for: credentials, address: "192.0.2.7")
/// try caller.require(.view)
/// ```
///
/// A gatekeeper may be used from several threads at once, and beside other processes on the same database.
///
/// All methods throw `AccessError`, and `StoreError` when the database fails. The audit entry of a change is written
/// before the change is made.
public final class Gatekeeper: Sendable {
  /// Seconds after which an unused session ends: 12 hours.
  public static let idleLimit: TimeInterval = 12 * 3600
  /// Seconds after which a session ends, however often it is used: 7 days.
  public static let sessionLimit: TimeInterval = 7 * 86_400
  /// Seconds between two updates of the stored time at which a session or a token was last used.
  static let notePause: TimeInterval = 60

  /// Writes the audit log.
  public let audit: Audit

  let store: Store
  let passwords: Passwords
  let attempts: Attempts
  let now: @Sendable () -> Date
  /// The digest of the secret for making the first account; nil if no such secret is valid.
  let setupDigest = Guarded<String?>(nil)
  /// Serialises role changes, so that one of two concurrent removals succeeds. Without it both might be refused. The
  /// store alone guarantees that one admin stays.
  let roles = Guarded(())

  /// Creates the access control of a store.
  ///
  /// - Parameters:
  ///   - now: Returns the current time. Tests pass another clock.
  /// - Throws: `StoreError`, `AccessError.noMemory`.
  public init(_ store: Store, passwords: Passwords? = nil, now: @escaping @Sendable () -> Date = { Date() }) throws {
    self.store = store
    self.passwords = try passwords ?? Passwords()
    self.now = now
    audit = Audit(store, now: now)
    attempts = Attempts(now: now)
    // Reads the logins of the last day, so that known client addresses survive a restart.
    let logins = Store.AuditQuery(action: .login, from: now() - Attempts.memory)
    for entry in try store.auditEntries(logins, limit: 1000) {
      attempts.remember(account: entry.who, address: entry.address, at: entry.time)
    }
  }

  /// Authenticates a request.
  ///
  /// - Parameter address: The client's address.
  /// - Throws: `AccessError.unauthenticated`, `.badCSRF`, or `.tooManyAttempts` if too many wrong tokens came from this
  ///   address. A right token is accepted even then.
  public func caller(for credentials: Credentials, address: String) throws -> Caller {
    if let token = credentials.token { return try caller(token: token, address: address) }
    guard let cookie = credentials.cookie else { throw AccessError.unauthenticated }
    let caller = try caller(cookie: cookie, address: address)
    if credentials.isChange {
      guard let expected = caller.csrf, let csrf = credentials.csrf, Sodium.equal(csrf, expected) else {
        throw AccessError.badCSRF
      }
    }
    return caller
  }

  /// Runs `check` as an attempt. The attempt counts as failed if `check` returns nil.
  ///
  /// - Returns: The result of `check`; nil if the attempt failed.
  func attempt<Result>(
    _ purpose: Attempts.Purpose, account: String? = nil, address: String, _ check: () throws -> Result?
  ) throws -> Result? {
    let attempt = try attempts.begin(purpose, account: account, address: address)
    let result: Result?
    do {
      result = try check()
    } catch {
      attempts.withdraw(attempt)
      throw error
    }
    if result != nil { attempts.succeed(attempt) }
    return result
  }
}
