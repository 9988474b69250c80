public import Store

/// Something that a caller may do.
public enum Permission: String, Sendable, CaseIterable {
  /// Watch cameras, read the log, see who is enrolled, without their photos.
  case view
  /// Have faces in one's own pictures found, named and labelled.
  case identify
  /// Enroll people and change them.
  case enroll
  /// Enter marks, and say which events do not count.
  case correct
  /// Forget people; set up cameras, accounts and tokens; read the audit log.
  case manage
  /// Read the service's measurements.
  case metrics
}

/// What an account is for.
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
