public import Store

/// Something that a caller may do.
public enum Permission: String, Sendable, CaseIterable {
  /// Watch cameras, read the log, and list the enrolled people without their photos.
  case view
  /// Send pictures and get their faces found, named and labelled.
  case identify
  /// Enroll people and change them.
  case enroll
  /// Enter marks and void entries.
  case correct
  /// Forget people; set up cameras, accounts and tokens; read the audit log.
  case manage
  /// Read the service's measurements.
  case metrics
}

/// The role of an account. It determines the account's permissions.
public typealias Role = Account.Role

extension Account.Role {
  /// What an account of this role may do.
  public var permissions: Set<Permission> {
    switch self {
    case .viewer: [.view, .metrics]
    case .operator: [.view, .metrics, .identify, .enroll, .correct]
    case .admin: Set(Permission.allCases)
    }
  }
}
