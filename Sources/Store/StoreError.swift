public import Values

/// The reason why an operation of the store failed.
public typealias StoreError = OperationError<StoreErrorCode>

/// The kind of failure of a `StoreError`.
public enum StoreErrorCode: String, Sendable {
  /// The MongoDB server does not answer.
  case unreachable
  /// The connection string cannot be used.
  case badConnectionString
  /// The server rejected the user name and password, or the user lacks the permission.
  case notAllowed
  /// No mongod binary was found for the private database.
  case mongodMissing
  /// The private mongod did not start or stop.
  case mongodFailed
  /// The data folder cannot be used.
  case dataFolder
  /// A value breaks a rule. It was not sent to the database.
  case invalidValue
  /// The database's own schema refused a document.
  case refused
  /// There is no such person.
  case notFound
  /// A person with this id exists already.
  case exists
  /// The person was changed after the caller had read it.
  case changed
  /// The database was written by a newer Rollcall.
  case newerSchema
  /// A document in the database cannot be read.
  case damaged
  /// Anything else the server reports.
  case failed
}
