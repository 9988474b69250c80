public import Foundation
import Values

/// The database of people and events. May be used from several threads at once.
///
/// Every write waits until a majority of the servers has it on disk; every read sees only such writes.
/// All methods throw `StoreError`, and those that take a closure also whatever the closure throws.
public final class Store: Sendable {
  /// Where the database is.
  public enum Location: Sendable {
    /// A private mongod with its files in `dataFolder`, which is made if it does not exist. It is shared by all
    /// processes that open the same folder, opens no network port, and stops with the last one that leaves.
    case embedded(dataFolder: URL)
    /// A server, replica set or sharded cluster with at least MongoDB 4.4, as a MongoDB connection string. The
    /// database is the one its path names, else "rollcall".
    case server(uri: String)
  }

  private let connection: ConnectionString
  private let embedded: EmbeddedServer?
  private let pool: SharedPool

  /// Connects, and makes collections, schema and indexes if they are missing.
  ///
  /// - Throws: `StoreError`; when no server answers, within 5 seconds, unless the connection string itself asks for
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

  /// Closes all connections. The last one who uses a private mongod stops it and waits for its end. A second call
  /// does nothing.
  public func close() {
    pool.close { embedded?.leave() }
  }

  /// Where the database is, without credentials, for messages.
  public var address: String {
    embedded == nil ? connection.display : "private database"
  }

  /// What the server answers about itself.
  public struct Health: Sendable, Equatable {
    /// Version of the MongoDB server, such as "6.0.27".
    public let version: String
    /// Time of one question and answer, in milliseconds.
    public let roundTrip: Double
  }

  /// Asks the server whether it is well.
  public func health() throws -> Health {
    try perform("Asking the database how it is") { client in
      let version = try client.run(["buildInfo": 1])["version"]?.string ?? "unknown"
      let clock = ContinuousClock()
      let time = try clock.measure { try client.run(["ping": 1]) }
      return Health(version: version, roundTrip: time / .milliseconds(1))
    }
  }

  /// Runs `body` with a client. When the private mongod has gone, for instance killed, starts it again and runs
  /// `body` once more, so every `body` must be one that may run twice.
  ///
  /// - Parameters:
  ///   - operation: for the error, such as "Reading people".
  ///   - repeatable: whether `body` may still run once more.
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
