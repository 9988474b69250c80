/// Why a server did not start, or a certificate was not made.
public struct ServerError: Error, CustomStringConvertible, Sendable {
  /// What kind of failure it is, for a caller that acts on it.
  public enum Code: String, Sendable {
    /// Another program listens there.
    case addressInUse
    /// The address is none of this machine's, or this user may not listen there.
    case address
    /// The certificate and the key cannot be used.
    case certificate
    /// Anything else.
    case failed
  }

  /// What kind of failure it is.
  public let code: Code
  /// What was being done, such as "Listening on 127.0.0.1:8080".
  public let operation: String
  /// What went wrong.
  public let cause: String
  /// What to do about it.
  public let advice: String

  init(_ code: Code, _ operation: String, cause: String, advice: String) {
    (self.code, self.operation, self.cause, self.advice) = (code, operation, cause, advice)
  }

  /// One sentence with the operation and the cause, one with the advice.
  public var description: String { "\(operation) failed: \(cause). \(advice)" }
}
