public import Values

/// Why a server did not start, or a certificate was not made.
public typealias ServerError = OperationError<ServerErrorCode>

/// What kind of failure a `ServerError` is.
public enum ServerErrorCode: String, Sendable {
  /// Another program listens there.
  case addressInUse
  /// The address is none of this machine's, or this user may not listen there.
  case address
  /// The certificate and the key cannot be used.
  case certificate
  /// Anything else.
  case failed
}
