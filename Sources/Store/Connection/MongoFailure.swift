internal import CMongo

/// An error reported by libmongoc or the server.
struct MongoFailure: Error {
  let domain: UInt32
  let code: UInt32
  let message: String

  /// Runs a libmongoc call that reports through `bson_error_t`. Throws if the call returns false.
  static func check(_ call: (UnsafeMutablePointer<bson_error_t>) -> Bool) throws(MongoFailure) {
    var error = bson_error_t()
    guard call(&error) else { throw MongoFailure(error) }
  }

  init(_ error: bson_error_t) {
    domain = error.domain
    code = error.code
    message = withUnsafeBytes(of: error.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  init(serverCode: UInt32, message: String) {
    domain = MONGOC_ERROR_SERVER.rawValue
    code = serverCode
    self.message = message
  }

  init(unreachable message: String) {
    domain = MONGOC_ERROR_SERVER_SELECTION.rawValue
    code = MONGOC_ERROR_SERVER_SELECTION_FAILURE.rawValue
    self.message = message
  }

  /// Whether the server could not be reached, or the connection broke.
  var isUnreachable: Bool {
    let stoppingServer = isServer && Self.stopping.contains(code)
    return domain == MONGOC_ERROR_STREAM.rawValue || domain == MONGOC_ERROR_SERVER_SELECTION.rawValue || stoppingServer
  }

  /// Whether the server rejected the user's credentials, or the user lacks the permission.
  var isNotAllowed: Bool {
    (domain == MONGOC_ERROR_CLIENT.rawValue && code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue)
      || domain == MONGOC_ERROR_SASL.rawValue || domain == MONGOC_ERROR_SCRAM.rawValue
      || (isServer && (code == ServerCode.unauthorized || code == ServerCode.authenticationFailed))
  }

  func isServerError(_ wanted: UInt32) -> Bool {
    isServer && code == wanted
  }

  private var isServer: Bool {
    domain == MONGOC_ERROR_SERVER.rawValue || domain == MONGOC_ERROR_WRITE_CONCERN.rawValue
  }

  /// Interrupted at shutdown, interrupted due to a change of primary, shutdown in progress, not writable primary.
  private static let stopping: Set<UInt32> = [11600, 11602, 91, 10107]
}

/// Error codes of the MongoDB server that Rollcall handles separately.
enum ServerCode {
  static let unauthorized: UInt32 = 13
  static let authenticationFailed: UInt32 = 18
  static let namespaceExists: UInt32 = 48
  static let documentValidationFailure: UInt32 = 121
  static let duplicateKey: UInt32 = 11000
}
