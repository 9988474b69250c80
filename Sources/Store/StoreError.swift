/// Why the store could not do what it was asked to.
///
/// `description` reads as a sentence with what was being done, what went wrong, and what to do about it. It holds no
/// credentials, no embeddings, and no personal data beyond what the caller passed in.
public struct StoreError: Error, CustomStringConvertible, Sendable {
  /// What kind of failure it is, for a caller that acts on it.
  public enum Code: String, Sendable {
    /// The MongoDB server does not answer.
    case unreachable
    /// The connection string cannot be used.
    case badConnectionString
    /// The server did not accept the user name and password, or this user may not do it.
    case notAllowed
    /// No mongod binary was found for the private database.
    case mongodMissing
    /// The private mongod did not start or stop.
    case mongodFailed
    /// The data folder cannot be used.
    case dataFolder
    /// A value was refused before it reached the database.
    case invalidValue
    /// The database's own schema refused a document.
    case refused
    /// There is no such person.
    case notFound
    /// There is such a person already.
    case exists
    /// The person is not any more as the caller has seen it.
    case changed
    /// The database was written by a newer Rollcall.
    case newerSchema
    /// A document in the database cannot be read.
    case damaged
    /// Anything else the server reports.
    case failed
  }

  /// What kind of failure it is.
  public let code: Code
  /// What was being done, such as "Opening the database".
  public let operation: String
  /// What went wrong.
  public let cause: String
  /// What to do about it.
  public let advice: String

  init(_ code: Code, _ operation: String, cause: String, advice: String) {
    self.code = code
    self.operation = operation
    self.cause = cause
    self.advice = advice
  }

  /// One sentence with the operation and the cause, one with the advice.
  public var description: String {
    "\(operation) failed: \(cause). \(advice)"
  }
}
