internal import CMongo

/// The start of libmongoc, and the exchange of documents with it.
enum Mongo {
  private static let started: Void = {
    mongoc_init()
    // Stops libmongoc from writing to the terminal. Failures arrive as errors.
    mongoc_log_set_handler({ _, _, _, _ in }, nil)
  }()

  /// Starts libmongoc, once per process. It is never shut down, because it cannot be started a second time.
  static func start() {
    started
  }

  /// Calls `body` with `document` in libmongoc's form, which is valid during the call only.
  static func withBSON<R>(_ document: BSONDocument, _ body: (OpaquePointer) throws -> R) rethrows -> R {
    let bytes = document.encoded()
    // nil means that the bytes are not valid BSON. The encoder always writes valid BSON.
    guard let pointer = bson_new_from_data(bytes, bytes.count) else { preconditionFailure("not a BSON document") }
    defer { bson_destroy(pointer) }
    return try body(pointer)
  }

  /// The bytes of a document that libmongoc owns. They are valid as long as the document.
  static func bytes(of pointer: OpaquePointer) -> UnsafeRawBufferPointer {
    guard let start = bson_get_data(pointer) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let raw = UnsafeRawPointer(start)
    return UnsafeRawBufferPointer(start: raw, count: Int(Int32(littleEndian: raw.loadUnaligned(as: Int32.self))))
  }
}

/// A connection pool. Owns the native handle.
///
/// `@unchecked Sendable`: libmongoc allows a pool to be used from every thread. The pointer never changes. It is freed
/// when the last reference to the pool is gone, and clients are lent only while there is a reference.
final class ClientPool: @unchecked Sendable {
  private let pointer: OpaquePointer
  let database: String

  init(_ uri: ConnectionString) throws {
    var error = bson_error_t()
    guard let pool = mongoc_client_pool_new_with_error(uri.pointer, &error) else { throw MongoFailure(error) }
    pointer = pool
    database = uri.database
    mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2)
    mongoc_client_pool_set_appname(pool, "rollcall")
  }

  deinit {
    mongoc_client_pool_destroy(pointer)
  }

  /// Lends a client to the calling thread. Waits while all clients are lent: 100, unless the connection string sets
  /// another number.
  func withClient<R>(_ body: (MongoClient) throws -> R) throws -> R {
    guard let client = mongoc_client_pool_pop(pointer) else {
      throw MongoFailure(serverCode: 0, message: "no free connection")
    }
    defer { mongoc_client_pool_push(pointer, client) }
    return try body(MongoClient(pointer: client, database: database))
  }
}
