internal import CMongo
import Foundation
import Values

/// A parsed MongoDB connection string. Owns the native handle, and removes its secrets from messages.
///
/// `@unchecked Sendable`: the handle is changed only during initialisation. After that, libmongoc only reads it.
final class ConnectionString: @unchecked Sendable {
  /// The native handle, valid as long as this object.
  let pointer: OpaquePointer
  /// The database that the path names. The default is "rollcall".
  let database: String
  /// Hosts and database, without user, password or options.
  let display: String
  private let secrets: Secrets

  /// Parses `text` and sets the options that Rollcall relies on: writes wait until a majority of the servers has them
  /// on disk; reads return only such writes, from the primary. Time limits that the text does not set become 3 seconds.
  ///
  /// - Throws: `StoreError` with code `badConnectionString`. Its text never contains the user or the password.
  init(_ text: String) throws {
    Mongo.start()
    secrets = Secrets(in: text)
    guard Secrets.endBeforeHost(in: text) else { throw Self.bad("it has an @ or a / that is not percent-encoded") }
    var error = bson_error_t()
    guard let uri = mongoc_uri_new_with_error(text, &error) else {
      // libmongoc's message quotes the part that it cannot parse, which may be the password.
      let cause =
        text.contains("@")
        ? "it cannot be parsed" : "it cannot be parsed (\(secrets.redacted(MongoFailure(error).message)))"
      throw Self.bad(cause)
    }
    var database = "rollcall"
    if let named = mongoc_uri_get_database(uri) { database = String(cString: named) }
    self.database = database
    display = Self.display(of: uri, database: database)
    pointer = uri
    guard !["admin", "local", "config"].contains(database) else {
      throw Self.bad(
        "its path names MongoDB's own database \"\(database)\"",
        advice: "Put Rollcall's database in the path, and where the user is defined in authSource: "
          + "mongodb://HOST/rollcall?authSource=admin.")
    }
    setDefaults()
  }

  deinit {
    mongoc_uri_destroy(pointer)
  }

  /// Seconds after which a server without an answer counts as unreachable: 4.5, or the sum of the connection string's
  /// time limits if one of them is longer than 3 seconds.
  var timeLimit: Double {
    let milliseconds = Self.timeLimits.map {
      Double(mongoc_uri_get_option_as_int32(pointer, $0, Self.timeLimit))
    }
    let own = milliseconds.contains { $0 > Double(Self.timeLimit) }
    return own ? milliseconds.reduce(0, +) / 1000 : 4.5
  }

  private static let timeLimits: [String] = [MONGOC_URI_SERVERSELECTIONTIMEOUTMS, MONGOC_URI_CONNECTTIMEOUTMS]

  /// The default time limit in milliseconds for finding a server, and for connecting to it.
  private static let timeLimit: Int32 = 3000

  /// `text` with every secret of the connection string replaced.
  func redacted(_ text: String) -> String {
    secrets.redacted(text)
  }

  private func setDefaults() {
    for option in Self.timeLimits where !mongoc_uri_has_option(pointer, option) {
      mongoc_uri_set_option_as_int32(pointer, option, Self.timeLimit)
    }
    let writes = mongoc_write_concern_new()
    mongoc_write_concern_set_wmajority(writes, 10_000)
    mongoc_write_concern_set_journal(writes, true)
    mongoc_uri_set_write_concern(pointer, writes)
    mongoc_write_concern_destroy(writes)

    let reads = mongoc_read_concern_new()
    mongoc_read_concern_set_level(reads, MONGOC_READ_CONCERN_LEVEL_MAJORITY)
    mongoc_uri_set_read_concern(pointer, reads)
    mongoc_read_concern_destroy(reads)

    let primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
    mongoc_uri_set_read_prefs_t(pointer, primary)
    mongoc_read_prefs_destroy(primary)
  }

  private static func display(of uri: OpaquePointer, database: String) -> String {
    var hosts: [String] = []
    if let name = mongoc_uri_get_srv_hostname(uri) {
      hosts.append(String(cString: name))
    } else {
      var next = mongoc_uri_get_hosts(uri)
      while let host = next {
        withUnsafeBytes(of: host.pointee.host_and_port) { bytes in
          hosts.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
        next = UnsafePointer(host.pointee.next)
      }
    }
    return "\(hosts.joined(separator: ",")), database \(database)"
  }

  private static func bad(_ cause: String, advice: String? = nil) -> StoreError {
    StoreError(
      .badConnectionString, "Reading the MongoDB connection string", cause: cause,
      advice: advice
        ?? ("Write it as mongodb://USER:PASSWORD@HOST:PORT/DATABASE; in the user name and the password, write "
          + "%40 for @, %3A for :, %2F for / and %25 for %."))
  }
}

/// The secret parts of a connection string. No message may show them.
private struct Secrets {
  /// Longest first, so that replacing a short secret does not damage a longer one that contains it.
  private let parts: [String]

  init(in text: String) {
    var parts: Set<String> = [text]
    if let scheme = text.range(of: "://") {
      let rest = text[scheme.upperBound...]
      if let at = rest.lastIndex(of: "@") {
        let user = rest[..<at]
        parts.insert(String(user))
        parts.formUnion(user.split(separator: ":", maxSplits: 1).map(String.init))
      }
      if let query = rest.firstIndex(of: "?") {
        let secretOptions = [
          "tlscertificatekeyfilepassword", "sslclientcertificatekeypassword", "authmechanismproperties",
        ]
        for option in rest[rest.index(after: query)...].split(separator: "&") {
          let pair = option.split(separator: "=", maxSplits: 1).map(String.init)
          if pair.count == 2, secretOptions.contains(pair[0].lowercased()) { parts.insert(pair[1]) }
        }
      }
    }
    parts.formUnion(parts.compactMap(\.removingPercentEncoding))
    self.parts = parts.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
  }

  /// Whether user and password end at the only @, if there is one. Otherwise a part of the password could be read as a
  /// host.
  static func endBeforeHost(in text: String) -> Bool {
    guard let at = text.firstIndex(of: "@") else { return true }
    guard text.lastIndex(of: "@") == at, let scheme = text.range(of: "://"), scheme.upperBound <= at else {
      return false
    }
    return !text[scheme.upperBound..<at].contains { $0 == "/" || $0 == "?" }
  }

  func redacted(_ text: String) -> String {
    var result = text
    for part in parts {
      var from = result.startIndex
      while let found = result.range(of: part, range: from..<result.endIndex) {
        let start = result.distance(from: result.startIndex, to: found.lowerBound)
        let standsAlone = !isWord(before: found.lowerBound, in: result) && !isWord(at: found.upperBound, in: result)
        if standsAlone {
          result.replaceSubrange(found, with: "***")
          from = result.index(result.startIndex, offsetBy: start + 3)
        } else {
          from = found.upperBound
        }
      }
    }
    return result
  }

  // A user called "roll" must not turn "rollcall" into "***call".
  private func isWord(before index: String.Index, in text: String) -> Bool {
    index > text.startIndex && isWord(at: text.index(before: index), in: text)
  }

  private func isWord(at index: String.Index, in text: String) -> Bool {
    index < text.endIndex && (text[index].isLetter || text[index].isNumber)
  }
}
