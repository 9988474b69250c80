internal import CMongo

/// A client that a pool lends to one thread. It must not outlive the closure that it was lent to.
struct MongoClient {
  private let pointer: OpaquePointer
  var database: String

  init(pointer: OpaquePointer, database: String) {
    self.pointer = pointer
    self.database = database
  }

  /// Runs a command that only reads.
  @discardableResult
  func run(_ command: BSONDocument) throws -> BSONDocument {
    try reply { reply, error in
      Mongo.withBSON(command) { mongoc_client_command_simple(pointer, database, $0, nil, reply, error) }
    }
  }

  /// Runs a command that writes, and waits until a majority of the servers has the write on disk.
  ///
  /// - Throws: `MongoFailure`, also if a part of the write failed. Failures with a code in `tolerating` are ignored.
  @discardableResult
  func write(_ command: BSONDocument, tolerating: Set<UInt32> = []) throws -> BSONDocument {
    let reply: BSONDocument
    do {
      reply = try self.reply { reply, error in
        Mongo.withBSON(command) { mongoc_client_write_command_with_opts(pointer, database, $0, nil, reply, error) }
      }
    } catch let failure as MongoFailure where tolerating.contains(where: failure.isServerError) {
      return [:]
    }
    for error in reply["writeErrors"]?.array ?? [] {
      try Self.refuse(error, tolerating: tolerating)
    }
    if let error = reply["writeConcernError"] { try Self.refuse(error) }
    return reply
  }

  /// Calls `body` with the bytes of every document of `collection` that matches `filter`, in batches from the server.
  /// The bytes are valid during the call only.
  ///
  /// - Parameter options: The options of MongoDB's `find`: `projection`, `sort`, `batchSize`, `limit`.
  func findBytes(
    _ collection: String, _ filter: BSONDocument, options: BSONDocument = [:],
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard let handle = mongoc_client_get_collection(pointer, database, collection) else { return }
    defer { mongoc_collection_destroy(handle) }
    let found = Mongo.withBSON(filter) { filter in
      Mongo.withBSON(options) { mongoc_collection_find_with_opts(handle, filter, $0, nil) }
    }
    guard let cursor = found else { return }
    defer { mongoc_cursor_destroy(cursor) }
    var document: OpaquePointer?
    while mongoc_cursor_next(cursor, &document) {
      if let document { try body(Mongo.bytes(of: document)) }
    }
    try MongoFailure.check { !mongoc_cursor_error(cursor, $0) }
  }

  /// Calls `body` with every document of `collection` that matches `filter`.
  func find(
    _ collection: String, _ filter: BSONDocument, options: BSONDocument = [:], _ body: (BSONDocument) throws -> Void
  ) throws {
    try findBytes(collection, filter, options: options) { try body(BSONDocument(decoding: $0)) }
  }

  /// The ids of the documents of `collection` that match `filter`.
  ///
  /// - Parameter limit: The largest number of ids; 0 for all.
  func ids(of collection: String, _ filter: BSONDocument, limit: Int = 0) throws -> [String] {
    var ids: [String] = []
    try find(collection, filter, options: ["projection": ["_id": 1], "limit": .int64(Int64(limit))]) {
      ids.append(try Fields($0, of: collection).string("_id"))
    }
    return ids
  }

  /// Whether `collection` has a document with this id.
  func holds(_ collection: String, _ id: String) throws -> Bool {
    try !ids(of: collection, ["_id": .string(id)], limit: 1).isEmpty
  }

  /// Removes the documents of `collection` whose `field` has one of these values. At most some thousands of values fit
  /// into one command.
  ///
  /// - Returns: The number of documents that were removed.
  @discardableResult
  func remove(_ ids: [String], from collection: String, by field: String = "_id") throws -> Int {
    let among = BSONDocument(fields: [(field, ["$in": .strings(ids)])])
    let reply = try write([
      "delete": .string(collection), "deletes": [["q": .document(among), "limit": 0]],
    ])
    return reply["n"]?.integer ?? 0
  }

  /// Calls `body` with libmongoc's handle of the database, which is valid during the call only.
  func withDatabase<R>(_ body: (OpaquePointer?) throws -> R) rethrows -> R {
    let handle = mongoc_client_get_database(pointer, database)
    defer { mongoc_database_destroy(handle) }
    return try body(handle)
  }

  /// Runs `call` with memory for the reply. libmongoc fills it in even if the call fails.
  private func reply(
    _ call: (OpaquePointer, UnsafeMutablePointer<bson_error_t>) -> Bool
  ) throws -> BSONDocument {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: rollcall_bson_size(), alignment: rollcall_bson_alignment())
    defer { memory.deallocate() }
    let reply = OpaquePointer(memory)
    var error = bson_error_t()
    let succeeded = call(reply, &error)
    defer { bson_destroy(reply) }
    guard succeeded else { throw MongoFailure(error) }
    return try BSONDocument(decoding: Mongo.bytes(of: reply))
  }

  private static func refuse(_ error: BSON, tolerating: Set<UInt32> = []) throws {
    let code = UInt32(clamping: error.document?["code"]?.integer ?? 0)
    guard !tolerating.contains(code) else { return }
    throw MongoFailure(serverCode: code, message: error.document?["errmsg"]?.string ?? "the server gave no reason")
  }
}

extension BSON {
  var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  var array: [BSON]? {
    if case .array(let value) = self { value } else { nil }
  }

  var document: BSONDocument? {
    if case .document(let value) = self { value } else { nil }
  }

  /// A whole number, whatever its type. Servers return counts in different types.
  var integer: Int? {
    switch self {
    case .int32(let value): Int(value)
    case .int64(let value): Int(value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }
}

extension [String] {
  /// The elements in batches of at most 1000, which fit into one command.
  var batches: [[String]] {
    stride(from: 0, to: count, by: 1000).map { Array(self[$0..<Swift.min($0 + 1000, count)]) }
  }
}
