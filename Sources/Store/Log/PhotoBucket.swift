internal import CMongo
import Foundation

/// A GridFS bucket: the bytes of image files, each under the id of the document that describes it. A bucket must not
/// outlive the client that it was made with.
final class PhotoBucket {
  /// The names of the buckets.
  enum Name: String, CaseIterable {
    /// Training photos, each under the SHA-256 of its content.
    case photos
    /// Snapshots, each under the id of its event.
    case snapshots

    /// The collection with the names and sizes of the files.
    var files: String { "\(rawValue).files" }
    /// The collection with the bytes of the files.
    var chunks: String { "\(rawValue).chunks" }
  }

  /// Bytes in a chunk, as the GridFS specification proposes.
  private static let chunkSize = 255 << 10

  private let client: MongoClient
  private let name: Name
  private let handle: OpaquePointer

  init(_ name: Name, _ client: MongoClient) throws {
    self.client = client
    self.name = name
    handle = try client.withDatabase { database in
      var error = bson_error_t()
      guard
        let handle = Mongo.withBSON(
          ["bucketName": .string(name.rawValue), "chunkSizeBytes": .int32(Int32(Self.chunkSize))],
          { mongoc_gridfs_bucket_new(database, $0, nil, &error) })
      else { throw MongoFailure(error) }
      return handle
    }
  }

  deinit {
    mongoc_gridfs_bucket_destroy(handle)
  }

  /// Stores a photo, unless it is stored already.
  ///
  /// Replaces the remains of an upload that was interrupted. If two processes store the same photo at the same time,
  /// one may remove the chunks of the other. It then writes all of them again with the same content.
  func store(_ id: String, name: String, _ data: Data) throws {
    var attempts = 3
    while true {
      do {
        return try upload(id, name: name, data)
      } catch let failure as MongoFailure where failure.code == ServerCode.duplicateKey {
        if try client.holds(self.name.files, id) { return }
        guard attempts > 0 else { throw failure }
        try client.remove([id], from: self.name.chunks, by: "files_id")
        attempts -= 1
      }
    }
  }

  /// The bytes of a photo; nil if it is not stored.
  func get(_ id: String) throws -> Data? {
    var error = bson_error_t()
    guard let stream = withValue(id, { mongoc_gridfs_bucket_open_download_stream(handle, $0, &error) }) else {
      if error.code == MONGOC_ERROR_GRIDFS_BUCKET_FILE_NOT_FOUND.rawValue { return nil }
      throw MongoFailure(error)
    }
    defer { mongoc_stream_destroy(stream) }
    var data = Data()
    var part = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = mongoc_stream_read(stream, &part, part.count, 0, 0)
      guard count >= 0 else { throw failure(of: stream) }
      if count == 0 { return data }
      data.append(contentsOf: part[..<count])
    }
  }

  /// Removes photos, and the remains of uploads that were interrupted. Ignores ids that are not stored.
  ///
  /// - Returns: The number of chunks that were removed.
  @discardableResult
  static func remove(_ ids: [String], from name: Name, _ client: MongoClient) throws -> Int {
    let chunks = try client.remove(ids, from: name.chunks, by: "files_id")
    try client.remove(ids, from: name.files)
    return chunks
  }

  private func upload(_ id: String, name: String, _ data: Data) throws {
    var error = bson_error_t()
    let opened = withValue(id) {
      mongoc_gridfs_bucket_open_upload_stream_with_id(handle, $0, name, nil, &error)
    }
    guard let stream = opened else { throw MongoFailure(error) }
    // After an error libmongoc writes nothing more.
    defer { mongoc_stream_destroy(stream) }
    // Writes at most one chunk at a time: libmongoc 1.23 loops for ever if a chunk fails and there is more to write
    // after it.
    for start in stride(from: 0, to: data.count, by: Self.chunkSize) {
      // libmongoc only reads these bytes, although its parameter is a mutable pointer.
      let isWritten = data.dropFirst(start).prefix(Self.chunkSize).withUnsafeBytes { bytes in
        mongoc_stream_write(stream, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, 0) == bytes.count
      }
      guard isWritten, !mongoc_gridfs_bucket_stream_error(stream, &error) else { throw failure(of: stream) }
    }
    guard mongoc_stream_close(stream) == 0 else { throw failure(of: stream) }
  }

  private func failure(of stream: UnsafeMutablePointer<mongoc_stream_t>) -> MongoFailure {
    var error = bson_error_t()
    return mongoc_gridfs_bucket_stream_error(stream, &error)
      ? MongoFailure(error) : MongoFailure(serverCode: 0, message: "a photo was cut short")
  }

  private func withValue<R>(_ text: String, _ body: (UnsafePointer<bson_value_t>) -> R) -> R {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var value = bson_value_t()
        value.value_type = BSON_TYPE_UTF8
        value.value.v_utf8.str = UnsafeMutablePointer(mutating: characters.baseAddress)
        value.value.v_utf8.len = UInt32(characters.count)
        return body(&value)
      }
    }
  }
}
