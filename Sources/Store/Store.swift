public import Foundation
import Values

/// The database of people and events.
///
/// ```swift
/// let store = try Store.open(.embedded(dataFolder: URL(filePath: "rollcall-data")))
/// defer { store.close() }
/// for person in try store.people() { print(person.id, person.name) }
/// ```
///
/// A store may be used from several threads at once.
///
/// Every write waits until a majority of the servers has it on disk. Every read returns only such writes. All methods
/// throw `StoreError`. Methods that take a closure also throw the errors of the closure.
public final class Store: Sendable {
  /// The location of a database.
  public enum Location: Sendable {
    /// A private mongod with its files in `dataFolder`, which is created if it does not exist. All processes that open
    /// the same folder share this mongod. It opens no network port. It stops when the last process leaves.
    case embedded(dataFolder: URL)
    /// A server, replica set or sharded cluster with MongoDB 4.4 or newer, as a MongoDB connection string. The path of
    /// the string names the database. The default is "rollcall".
    case server(uri: String)
  }

  private let connection: ConnectionString
  private let embedded: EmbeddedServer?
  private let pool: SharedPool

  /// Connects, and creates missing collections, schema and indexes.
  ///
  /// - Throws: `StoreError`. If no server answers, this takes at most 5 seconds, unless the connection string sets
  ///   longer time limits.
  public static func open(_ location: Location) throws -> Store {
    let store: Store
    switch location {
    case .embedded(let dataFolder):
      let server = try EmbeddedServer(dataFolder: dataFolder)
      let connection = try ConnectionString(server.connectionString)
      store = Store(connection, embedded: server, pool: try ClientPool(connection))
    case .server(let uri):
      let connection = try ConnectionString(uri)
      store = Store(connection, embedded: nil, pool: try Connecting.pool(for: connection))
    }
    try store.perform("Opening the database") { try StoreSchema.prepare($0) }
    return store
  }

  private init(_ connection: ConnectionString, embedded: EmbeddedServer?, pool: ClientPool) {
    self.connection = connection
    self.embedded = embedded
    self.pool = SharedPool(pool)
  }

  deinit {
    close()
  }

  /// Closes all connections. The last user of a private mongod stops it and waits for its end. A second call does
  /// nothing.
  public func close() {
    pool.close { embedded?.leave() }
  }

  /// The location of the database, without credentials, for messages.
  public var address: String {
    embedded == nil ? connection.display : "private database"
  }

  /// The server's answer to a health check.
  public struct Health: Sendable, Equatable {
    /// Version of the MongoDB server, such as "6.0.27".
    public let version: String
    /// The time between a request and its answer, in milliseconds.
    public let roundTrip: Double
  }

  /// Checks that the server answers.
  public func health() throws -> Health {
    try perform("Asking the database how it is") { client in
      let version = try client.run(["buildInfo": 1])["version"]?.string ?? "unknown"
      let clock = ContinuousClock()
      let time = try clock.measure { try client.run(["ping": 1]) }
      return Health(version: version, roundTrip: time / .milliseconds(1))
    }
  }

  /// Runs `body` with a client. If the private mongod is gone, for instance killed, starts it again and runs `body` a
  /// second time. So every `body` must be safe to run twice.
  ///
  /// - Parameters:
  ///   - operation: The operation for the error message, such as "Reading people".
  ///   - repeatable: Whether `body` may run a second time.
  func perform<R>(
    _ operation: String, repeatable: () -> Bool = { true }, _ body: (MongoClient) throws -> R
  ) throws -> R {
    do {
      let generation = pool.generation
      do {
        return try attempt(operation, body)
      } catch let failure as MongoFailure where failure.isUnreachable && repeatable() {
        guard let embedded else { throw failure }
        try embedded.ensureRunning()
        try pool.replace(generation) { try ClientPool(connection) }
        return try attempt(operation, body)
      }
    } catch let failure as MongoFailure {
      throw StoreError(failure, during: operation, connection: connection, isEmbedded: embedded != nil)
    } catch let malformed as BSONMalformed {
      throw StoreError(
        .damaged, operation, cause: "a document cannot be read: \(malformed.description)",
        advice: "Restore the database from a backup.")
    }
  }

  private func attempt<R>(_ operation: String, _ body: (MongoClient) throws -> R) throws -> R {
    guard let pool = pool.current else {
      throw StoreError(.failed, operation, cause: "the database is closed", advice: "Open it again.")
    }
    return try pool.withClient(body)
  }
}
