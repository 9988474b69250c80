public import Values

/// The console did not start.
public typealias ConsoleError = OperationError<ConsoleErrorCode>

/// The kind of failure of a `ConsoleError`.
public enum ConsoleErrorCode: String, Sendable {
  /// The pages are missing or cannot be read.
  case pages
}
