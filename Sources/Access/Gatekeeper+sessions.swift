import Foundation
import Store

/// Logging in and out with a browser.
extension Gatekeeper {
  /// Logs in.
  ///
  /// - Throws: `AccessError.unauthenticated` for a wrong name or password, without saying which of them is wrong.
  ///   `.tooManyAttempts`.
  public func logIn(name: String, password: String, address: String) throws -> NewSession {
    let account = try attempt(.password, account: name, address: address) { () -> Account? in
      let account = Account.isName(name) ? try store.account(named: name) : nil
      guard passwords.verify(password, against: account?.passwordHash), let account else {
        // An unknown name is not recorded, because it may be a password that was typed into the wrong field.
        try audit.record(.loginFailed, who: account?.name ?? "unknown", address: address)
        return nil
      }
      return account
    }
    guard let account else { throw AccessError.unauthenticated }
    if passwords.isOutdated(account.passwordHash) {
      try store.replacePasswordHash(
        accountID: account.id, account.passwordHash, with: try passwords.hash(password))
    }
    return try beginSession(of: account, address: address)
  }

  /// Ends the caller's session. Does nothing for a token.
  public func logOut(_ caller: Caller) throws {
    guard let session = caller.sessionID else { return }
    try audit.change(.logout, by: caller) { try store.removeSession(id: session) }
  }

  /// Changes the password of the caller's account. The caller's session continues. Other sessions of the account end.
  /// Tokens stay valid.
  ///
  /// - Throws: `AccessError.wrongPassword`, `.weakPassword`, `.tooManyAttempts`, `.forbidden` for a token,
  ///   `.unauthenticated` if the session has ended meanwhile.
  public func changePassword(_ caller: Caller, current: String, new: String) throws {
    guard let session = caller.sessionID else { throw AccessError.forbidden }
    guard let account = try store.account(id: caller.accountID) else { throw AccessError.unauthenticated }
    try Passwords.check(new, forAccount: account.name)
    let isRight = try attempt(.password, account: account.name, address: caller.address) {
      passwords.verify(current, against: account.passwordHash) ? true : nil
    }
    guard isRight == true else { throw AccessError.wrongPassword }
    let hash = try passwords.hash(new)
    try audit.change(.userChange, .account(account.name), detail: "own password", by: caller) {
      // A different stamp means that the account was changed meanwhile. That change ended this session too.
      guard let stamp = try store.setPassword(accountID: account.id, hash: hash, ifStamp: account.stamp) else {
        throw AccessError.unauthenticated
      }
      try store.restamp(session: session, stamp)
      try store.removeSessions(ofAccount: account.id, except: session)
    }
  }

  func beginSession(of account: Account, address: String) throws -> NewSession {
    try audit.record(.login, who: account.name, address: address)
    let time = now()
    let cookie = Secret()
    let session = Session(
      id: cookie.digest, accountID: account.id, stamp: account.stamp, csrf: Secret().text, created: time,
      lastUsed: time, expires: time + Self.idleLimit)
    try store.insert(session)
    try store.noteLogin(accountID: account.id, at: time)
    attempts.remember(account: account.name, address: address, at: time)
    return NewSession(caller: caller(session, account, address: address), cookie: cookie)
  }

  func caller(cookie text: String, address: String) throws -> Caller {
    let time = now()
    guard let cookie = Secret(text), let session = try store.session(id: cookie.digest), cookie.matches(session.id),
      session.expires > time, let account = try store.account(id: session.accountID), account.stamp == session.stamp
    else { throw AccessError.unauthenticated }
    var current = session
    if time.timeIntervalSince(session.lastUsed) >= Self.notePause {
      let expires = min(time + Self.idleLimit, session.created + Self.sessionLimit)
      try store.noteUse(ofSession: session.id, at: time, expires: expires)
      current = Session(
        id: session.id, accountID: session.accountID, stamp: session.stamp, csrf: session.csrf,
        created: session.created, lastUsed: time, expires: expires)
    }
    return caller(current, account, address: address)
  }

  private func caller(_ session: Session, _ account: Account, address: String) -> Caller {
    Caller(
      name: account.name, role: account.role, permissions: account.role.permissions, csrf: session.csrf,
      expires: session.expires, address: address, accountID: account.id, sessionID: session.id)
  }
}
