public import Foundation
import Posix
public import Store

/// Knows who may do what: accounts, sessions of browsers, tokens of programs. May be used from several threads at once,
/// and beside other processes on the same database.
///
/// All methods throw `AccessError`, and `StoreError` when the database fails. What changes something is in the audit
/// log before it happens.
public final class Gatekeeper: Sendable {
  /// A session that is not used for so many seconds is over: 12 hours.
  public static let idleLimit: TimeInterval = 12 * 3600
  /// A session is over after so many seconds, however often it is used: 7 days.
  public static let sessionLimit: TimeInterval = 7 * 86_400
  /// Seconds between two notes of when a session or a token was used last.
  static let notePause: TimeInterval = 60

  /// Writes the audit log.
  public let audit: Audit

  let store: Store
  let passwords: Passwords
  let attempts: Attempts
  let now: @Sendable () -> Date
  /// Digest of the secret with which the first account is made; nil when there is none to make.
  let setupDigest = Guarded<String?>(nil)
  /// Of two admins who remove each other at the same moment one stays and the other does not; without it both might be
  /// refused. The store alone sees to it that one stays.
  let roles = Guarded(())

  /// - Parameters:
  ///   - now: the time; other than the present one in tests.
  /// - Throws: `StoreError`, `AccessError.noMemory`.
  public init(_ store: Store, passwords: Passwords? = nil, now: @escaping @Sendable () -> Date = { Date() }) throws {
    self.store = store
    self.passwords = try passwords ?? Passwords()
    self.now = now
    audit = Audit(store, now: now)
    attempts = Attempts(now: now)
    // Who logged in from where within the last day keeps being known through a new start.
    let logins = Store.AuditQuery(action: .login, from: now() - Attempts.memory)
    for entry in try store.auditEntries(logins, limit: 1000) {
      attempts.remember(account: entry.who, address: entry.address, at: entry.time)
    }
  }

  /// Who sends a request.
  ///
  /// - Parameter address: the client's.
  /// - Throws: `AccessError.unauthenticated`, `.badCSRF`, `.tooManyAttempts` when too many wrong tokens came from
  ///   there; a right one is let in even then.
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

  /// Runs `check` as an attempt that counts as failed unless it returns something.
  ///
  /// - Returns: nil when it failed.
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
