public import Values

/// Why the store could not do what it was asked to.
public typealias StoreError = OperationError<StoreErrorCode>

/// What kind of failure a `StoreError` is.
public enum StoreErrorCode: String, Sendable {
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
