internal import CMongo

/// libmongoc as a whole.
enum Mongo {
  private static let started: Void = {
    mongoc_init()
    // libmongoc would write to the terminal; what matters arrives as an error.
    mongoc_log_set_handler({ _, _, _, _ in }, nil)
  }()

  /// Starts libmongoc, once per process. It is never shut down: it may not be started a second time.
  static func start() {
    started
  }

  /// Lends `document` to libmongoc.
  static func withBSON<R>(_ document: BSONDocument, _ body: (OpaquePointer) throws -> R) rethrows -> R {
    let bytes = document.encoded()
    // nil means that the bytes are no BSON document, which the encoder does not make.
    guard let pointer = bson_new_from_data(bytes, bytes.count) else { preconditionFailure("not a BSON document") }
    defer { bson_destroy(pointer) }
    return try body(pointer)
  }

  /// The bytes of a document that libmongoc owns, valid as long as it does.
  static func bytes(of pointer: OpaquePointer) -> UnsafeRawBufferPointer {
    guard let start = bson_get_data(pointer) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let raw = UnsafeRawPointer(start)
    return UnsafeRawBufferPointer(start: raw, count: Int(Int32(littleEndian: raw.loadUnaligned(as: Int32.self))))
  }
}

/// A connection pool. Owns the native handle.
///
/// `@unchecked Sendable`: libmongoc allows a pool to be used from every thread; the pointer never changes, and it is
/// freed only when nobody holds the pool, which lends clients only while it is held.
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

  /// Lends a client to the calling thread; waits when all of them (100 unless the connection string says otherwise)
  /// are lent.
  func withClient<R>(_ body: (MongoClient) throws -> R) throws -> R {
    guard let client = mongoc_client_pool_pop(pointer) else {
      throw MongoFailure(serverCode: 0, message: "no free connection")
    }
    defer { mongoc_client_pool_push(pointer, client) }
    return try body(MongoClient(pointer: client, database: database))
  }
}
