public import Foundation
import Posix
public import Store

/// An account as it is shown to callers who manage accounts.
public struct User: Sendable, Equatable {
  /// Name of the account.
  public let name: String
  /// The account's role.
  public let role: Role
  /// When it was made.
  public let created: Date
  /// The time of the last login; nil if there was none.
  public let lastLogin: Date?

  init(_ account: Account) {
    (name, role, created, lastLogin) = (account.name, account.role, account.created, account.lastLogin)
  }
}

/// Accounts. Every method needs the permission `manage`.
///
/// A caller can only give permissions that it has. A token with `manage` alone cannot make an admin, and cannot set an
/// admin's password.
extension Gatekeeper {
  /// At most `limit` accounts, ordered by name, starting after the account `name`.
  ///
  /// - Throws: `AccessError.forbidden`.
  public func users(after name: String? = nil, limit: Int = .max, by caller: Caller) throws -> [User] {
    try caller.require(.manage)
    return try store.accounts(after: name, limit: limit).map(User.init)
  }

  /// Makes an account.
  ///
  /// - Throws: `AccessError.forbidden`, `.badName`, `.weakPassword`, `.exists`.
  @discardableResult
  public func addUser(name: String, role: Role, password: String, by caller: Caller) throws -> User {
    try caller.require(.manage)
    try caller.requireAll(of: role)
    guard try !Account.isName(name) || store.account(named: name) == nil else { throw AccessError.exists }
    let account = try newAccount(name: name, role: role, password: password)
    return try audit.change(.userAdd, .account(name), detail: "role \(role.rawValue)", by: caller) {
      guard try store.insert(account) else { throw AccessError.exists }
      return User(account)
    }
  }

  /// Changes the role of an account, its password, or both. A change ends all sessions of the account, including the
  /// caller's own.
  ///
  /// - Parameters:
  ///   - role: The new role; nil to keep the present one.
  ///   - password: The new password; nil to keep the present one.
  /// - Throws: `AccessError.forbidden`, `.notFound`, `.weakPassword`, `.lastAdmin`.
  @discardableResult
  public func changeUser(_ name: String, role: Role? = nil, password: String? = nil, by caller: Caller) throws -> User {
    try caller.require(.manage)
    let account = try existingAccount(name)
    let newRole = role.flatMap { $0 == account.role ? nil : $0 }
    try caller.requireAll(of: account.role)
    if let newRole { try caller.requireAll(of: newRole) }
    if let password { try Passwords.check(password, forAccount: account.name) }
    let hash = try password.map { try passwords.hash($0) }
    let details = [newRole.map { "role \(account.role.rawValue) to \($0.rawValue)" }, hash.map { _ in "password" }]
    let detail = details.compactMap(\.self).joined(separator: ", ")
    guard !detail.isEmpty else { return User(account) }
    return try audit.change(.userChange, .account(account.name), detail: detail, by: caller) {
      if let newRole {
        try roles.withLock { _ in try Self.check(store.setRole(accountID: account.id, to: newRole)) }
      }
      if let hash, try store.setPassword(accountID: account.id, hash: hash) == nil { throw AccessError.notFound }
      try store.removeSessions(ofAccount: account.id)
      guard let changed = try store.account(id: account.id) else { throw AccessError.notFound }
      return User(changed)
    }
  }

  /// Removes an account, ends its sessions and revokes its tokens. Its entries stay in the audit log.
  ///
  /// - Throws: `AccessError.forbidden`, `.notFound`, `.lastAdmin`.
  public func removeUser(_ name: String, by caller: Caller) throws {
    try caller.require(.manage)
    let account = try existingAccount(name)
    try audit.change(.userRemove, .account(account.name), by: caller) {
      try roles.withLock { _ in try Self.check(store.removeAccount(id: account.id)) }
    }
    attempts.forget(account: account.name)
  }

  private func existingAccount(_ name: String) throws -> Account {
    guard Account.isName(name), let account = try store.account(named: name) else { throw AccessError.notFound }
    return account
  }

  private static func check(_ change: Store.AccountChange) throws(AccessError) {
    switch change {
    case .done: break
    case .gone: throw .notFound
    case .lastAdmin: throw .lastAdmin
    }
  }
}

extension Caller {
  fileprivate func requireAll(of role: Role) throws(AccessError) {
    guard permissions.isSuperset(of: role.permissions) else { throw .forbidden }
  }
}
