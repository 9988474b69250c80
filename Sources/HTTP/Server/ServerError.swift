public import Values

/// An error when a server starts, or when a certificate is read or made.
public typealias ServerError = OperationError<ServerErrorCode>

/// The kind of failure of a `ServerError`.
public enum ServerErrorCode: String, Sendable {
  /// Another program listens on that address and port.
  case addressInUse
  /// The address does not belong to this machine, or this user may not listen on it.
  case address
  /// The certificate and the key cannot be used.
  case certificate
  /// Anything else.
  case failed
}
