import Foundation
import Posix
import Store

/// The first account.
extension Gatekeeper {
  /// Whether there is no account yet.
  public func needsSetup() throws -> Bool {
    try !store.hasAccounts()
  }

  /// Makes the secret for creating the first account, if there is no account yet. The secret works once. Only its
  /// digest is kept, in memory. A new secret makes the earlier one invalid.
  ///
  /// - Returns: The secret; nil if an account exists.
  public func beginSetup() throws -> Secret? {
    guard try needsSetup() else { return nil }
    let secret = Secret()
    setupDigest.withLock { $0 = secret.digest }
    return secret
  }

  /// Makes the first account, an admin, and logs in with it. The secret stays valid if the name or the password is
  /// refused.
  ///
  /// - Parameter secret: The text of the secret that `beginSetup` returned.
  /// - Throws: `AccessError.setupDone`, `.unauthenticated` for a wrong secret, `.tooManyAttempts`, `.badName`,
  ///   `.weakPassword`.
  public func setUp(secret text: String, name: String, password: String, address: String) throws -> NewSession {
    guard let digest = setupDigest.withLock({ $0 }), try needsSetup() else { throw AccessError.setupDone }
    let isRight = try attempt(.setup, address: address) { Secret(text)?.matches(digest) == true ? true : nil }
    guard isRight == true else { throw AccessError.unauthenticated }
    let account = try newAccount(name: name, role: .admin, password: password)
    try audit.change(.setup, .account(name), who: name, address: address) {
      // The database accepts only one first account, across all threads and processes.
      guard try store.insert(account, isFirst: true) else { throw AccessError.setupDone }
    }
    setupDigest.withLock { $0 = nil }
    return try beginSession(of: account, address: address)
  }

  func newAccount(name: String, role: Role, password: String) throws -> Account {
    guard Account.isName(name) else { throw AccessError.badName }
    try Passwords.check(password, forAccount: name)
    return Account(name: name, role: role, passwordHash: try passwords.hash(password), created: now())
  }
}
