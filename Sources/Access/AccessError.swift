/// The reason why a request is refused.
///
/// Only callers with the permission `manage` can learn from these errors whether an account of a given name exists.
/// Methods of this module also throw `StoreError` when the database fails.
public enum AccessError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The request has no valid credentials: none at all, a wrong name or password, a session that is over, or a revoked
  /// token.
  case unauthenticated
  /// The caller is authenticated but lacks the permission.
  case forbidden
  /// Too many attempts failed. `retryAfter` is the time to wait in seconds, 1…900.
  case tooManyAttempts(retryAfter: Int)
  /// A browser's request came without the session's CSRF secret or with a wrong one, so another site may have caused
  /// it.
  case badCSRF
  /// An account exists already. Set-up makes only the first one.
  case setupDone
  /// The change would leave no admin.
  case lastAdmin
  /// An account of this name exists already. Letter case does not count.
  case exists
  /// There is no such account or token.
  case notFound
  /// The new password breaks a rule. The reason is a sentence for people.
  case weakPassword(String)
  /// The current password, which a change of password requires, is wrong.
  case wrongPassword
  /// The name of an account or a token has a wrong length or wrong characters.
  case badName
  /// Another value is invalid. The reason is a sentence for people.
  case badValue(String)
  /// There is not enough memory to hash a password.
  case noMemory

  /// One sentence for people.
  public var description: String {
    switch self {
    case .unauthenticated: "This is not known to come from anybody who may ask: log in."
    case .forbidden: "This is not permitted to this account or token."
    case .tooManyAttempts(let seconds): "Too many attempts failed: try again in \(seconds) seconds."
    case .badCSRF: "The request does not come from a page of this session."
    case .setupDone: "There is an account already: log in."
    case .lastAdmin: "This is the last admin: make another one first."
    case .exists: "There is an account of this name already."
    case .notFound: "There is no such account or token."
    case .weakPassword(let reason), .badValue(let reason): reason
    case .wrongPassword: "The present password is not right."
    case .badName: "An account's name is 1–64 letters, digits, or . _ - @; a token's is 1–100 characters."
    case .noMemory: "There is not enough memory to check a password."
    }
  }
}
