/// An error that says what was being done, what went wrong, and what to do about it.
///
/// ```swift
/// do {
///   _ = try Store.open(location)
/// } catch let error as StoreError where error.code == .unreachable {
///   print(error)  // Opening the database failed: no MongoDB server answers at … Check that …
/// }
/// ```
///
/// It holds no credentials, no embeddings, and no personal data beyond what the caller passed in. Its text names no
/// flag and no HTTP status: the command line and the API add theirs, according to `code`.
public struct OperationError<Code: Sendable & Equatable>: Error, CustomStringConvertible, Sendable, Equatable {
  /// The kind of failure, for programs.
  public let code: Code
  /// What was being done, such as "Opening the database".
  public let operation: String
  /// What went wrong.
  public let cause: String
  /// What to do about it, as a sentence.
  public let advice: String

  /// Creates an error.
  public init(_ code: Code, _ operation: String, cause: String, advice: String) {
    self.code = code
    self.operation = operation
    self.cause = cause
    self.advice = advice
  }

  /// One sentence with the operation and the cause, one with the advice.
  public var description: String { "\(operation) failed: \(cause). \(advice)" }
}
