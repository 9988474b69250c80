/// Why an operation failed: the one shape of an error that says what to do.
///
///     do {
///       _ = try Store.open(location)
///     } catch let error as StoreError where error.code == .unreachable {
///       print(error)  // Opening the database failed: no MongoDB server answers at … Check that …
///     }
///
/// It holds no credentials, no embeddings, and no personal data beyond what the caller passed in. Its words name no
/// flag and no HTTP status: the command line and the API add theirs, by the code.
public struct OperationError<Code: Sendable & Equatable>: Error, CustomStringConvertible, Sendable, Equatable {
  /// What kind of failure it is, for a caller that acts on it.
  public let code: Code
  /// What was being done, such as "Opening the database".
  public let operation: String
  /// What went wrong.
  public let cause: String
  /// What to do about it, as a sentence.
  public let advice: String

  /// An error.
  public init(_ code: Code, _ operation: String, cause: String, advice: String) {
    self.code = code
    self.operation = operation
    self.cause = cause
    self.advice = advice
  }

  /// One sentence with the operation and the cause, one with the advice.
  public var description: String { "\(operation) failed: \(cause). \(advice)" }
}
