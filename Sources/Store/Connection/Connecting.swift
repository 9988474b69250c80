import Foundation
import Synchronization
import Values

/// Connects to a server within a time limit.
enum Connecting {
  private final class Outcome: Sendable {
    let result = Mutex<Result<ClientPool, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
  }

  /// A pool whose server has answered.
  ///
  /// libmongoc keeps its own time limits, with two exceptions: while it looks up names, and while it destroys a pool
  /// that is still looking up a name. So both run on their own thread, which is abandoned when the time is up.
  ///
  /// - Throws: `StoreError`.
  static func pool(for connection: ConnectionString) throws -> ClientPool {
    let outcome = Outcome()
    Thread.detachNewThread {
      var pool: ClientPool?
      let result = Result { () throws -> ClientPool in
        let made = try ClientPool(connection)
        pool = made
        try made.withClient { try checkVersion($0) }
        return made
      }
      outcome.result.withLock { $0 = result }
      outcome.done.signal()
      withExtendedLifetime(pool) {}
    }
    let limit = connection.timeLimit
    guard outcome.done.wait(timeout: .now() + limit) == .success, let result = outcome.result.withLock({ $0.take() })
    else {
      throw StoreError(
        MongoFailure(unreachable: "no answer within \(limit.formatted()) seconds"),
        during: "Connecting to MongoDB", connection: connection, isEmbedded: false)
    }
    do {
      return try result.get()
    } catch let failure as MongoFailure {
      throw StoreError(failure, during: "Connecting to MongoDB", connection: connection, isEmbedded: false)
    }
  }

  private static func checkVersion(_ client: MongoClient) throws {
    let version = try client.run(["buildInfo": 1])
    let numbers = version["versionArray"]?.array?.compactMap(\.integer) ?? []
    guard numbers.count < 2 || (numbers[0], numbers[1]) >= (4, 4) else {
      throw StoreError(
        .failed, "Connecting to MongoDB", cause: "the server is MongoDB \(version["version"]?.string ?? "")",
        advice: "Rollcall needs MongoDB 4.4 or newer.")
    }
  }
}

extension StoreError {
  /// Translates a failure of libmongoc or the server into an error for the operator.
  init(_ failure: MongoFailure, during operation: String, connection: ConnectionString, isEmbedded: Bool) {
    let message = connection.redacted(failure.message)
    if failure.isUnreachable, isEmbedded {
      self.init(
        .unreachable, operation, cause: "the private database does not answer (\(message))",
        advice: "Try again; if it stays like this, look at db/mongod.log in the data folder.")
    } else if failure.isUnreachable {
      // libmongoc's message begins with its settings. The errors of the servers follow in brackets.
      var reason = message
      if let start = message.firstIndex(of: "["), let end = message.lastIndex(of: "]"), start < end {
        reason = message[start..<end].dropFirst().replacingOccurrences(of: "] [", with: "; ")
      }
      self.init(
        .unreachable, operation, cause: "no MongoDB server answers at \(connection.display) (\(reason))",
        advice: "Check that the server runs and that host and port are right, or use the private database, which is "
          + "the default.")
    } else if failure.isNotAllowed {
      self.init(
        .notAllowed, operation, cause: "the MongoDB server at \(connection.display) refused: \(message)",
        advice: "Check user name, password and authSource; the user needs the role readWrite on the database "
          + "\(connection.database).")
    } else if failure.isServerError(ServerCode.documentValidationFailure) {
      self.init(
        .refused, operation, cause: "the database's schema refused a document",
        advice: "Nothing of that document was stored. Please report this with the version of Rollcall.")
    } else {
      self.init(
        .failed, operation, cause: "the MongoDB server reports: \(message)",
        advice: "Try again; what was written before is safe.")
    }
  }
}
