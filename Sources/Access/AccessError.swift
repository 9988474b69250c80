/// Why somebody does not get what was asked for.
///
/// None of it tells whether an account exists, except to those who may manage accounts. Methods of this module throw
/// `StoreError` too, when the database fails.
public enum AccessError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Whoever asks has not shown who it is, or no longer counts as that: a wrong name or password, a session that is
  /// over, a token that was revoked.
  case unauthenticated
  /// This is known who it is, and may not do this.
  case forbidden
  /// Too many attempts failed. Ask again after so many seconds, 1…900.
  case tooManyAttempts(retryAfter: Int)
  /// A browser's request came without the session's second secret, so another site may have caused it.
  case badCSRF
  /// There is an account already, so nobody makes the first one any more.
  case setupDone
  /// No admin would be left.
  case lastAdmin
  /// There is an account of this name, in this or another letter case.
  case exists
  /// There is no such account or token.
  case notFound
  /// The new password is not good enough; the reason is a sentence for people.
  case weakPassword(String)
  /// The present password, which a change of password asks for, is not right.
  case wrongPassword
  /// A name is not as names are.
  case badName
  /// Another value cannot be used; the reason is a sentence for people.
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
