/// The error for bytes that are not a valid BSON document.
struct BSONMalformed: Error, CustomStringConvertible, Equatable {
  /// What is wrong and at which byte, without the value itself.
  let description: String
}

extension BSONDocument {
  /// Reads one whole document. Every length is checked against the number of bytes available.
  ///
  /// - Throws: `BSONMalformed`.
  init(decoding bytes: UnsafeRawBufferPointer) throws(BSONMalformed) {
    var reader = BSONReader(bytes: bytes)
    self = try reader.document()
    guard reader.offset == bytes.count else { throw reader.malformed("bytes after the end of the document") }
  }

  init(decoding bytes: [UInt8]) throws(BSONMalformed) {
    let result = bytes.withUnsafeBytes { raw -> Result<BSONDocument, BSONMalformed> in
      Result { () throws(BSONMalformed) in try BSONDocument(decoding: raw) }
    }
    self = try result.get()
  }
}

/// Reads BSON bytes in order. `limit` is the end of the document being read, and lies within the memory.
private struct BSONReader {
  /// MongoDB refuses documents nested deeper than 180.
  static let deepest = 200

  let bytes: UnsafeRawBufferPointer
  var offset = 0
  var limit: Int
  var depth = 0

  init(bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    limit = bytes.count
  }

  func malformed(_ what: String) -> BSONMalformed {
    BSONMalformed(description: "\(what) at byte \(offset)")
  }

  mutating func document() throws(BSONMalformed) -> BSONDocument {
    var fields: [(key: String, value: BSON)] = []
    try elements { (key, value) in fields.append((key, value)) }
    return BSONDocument(fields: fields)
  }

  private mutating func elements(_ body: (String, BSON) -> Void) throws(BSONMalformed) {
    let start = offset
    let length = Int(try integer(Int32.self))
    guard length >= 5, length <= limit - start else { throw malformed("a document of impossible length") }
    guard depth < Self.deepest else { throw malformed("documents nested too deep") }
    depth += 1
    let outer = limit
    limit = start + length
    while true {
      let type = try byte()
      if type == 0 { break }
      let key = try cString()
      body(key, try value(of: type))
    }
    guard offset == limit else { throw malformed("a document that ends before its length") }
    limit = outer
    depth -= 1
  }

  private mutating func value(of type: UInt8) throws(BSONMalformed) -> BSON {
    switch type {
    case BSONType.double: return .double(Double(bitPattern: try integer(UInt64.self)))
    case BSONType.string: return .string(try string())
    case BSONType.document: return .document(try document())
    case BSONType.array:
      var values: [BSON] = []
      try elements { (_, value) in values.append(value) }
      return .array(values)
    case BSONType.binary:
      let count = Int(try integer(Int32.self))
      let subtype = try byte()
      return .binary(Array(try take(count)), subtype: subtype)
    case BSONType.bool:
      switch try byte() {
      case 0: return .bool(false)
      case 1: return .bool(true)
      default: throw malformed("a truth value that is neither 0 nor 1")
      }
    case BSONType.date: return .milliseconds(try integer(Int64.self))
    case BSONType.null: return .null
    case BSONType.int32: return .int32(try integer(Int32.self))
    case BSONType.int64: return .int64(try integer(Int64.self))
    case BSONType.undefined, BSONType.minimumKey, BSONType.maximumKey: return .other(type: type, bytes: [])
    case BSONType.timestamp: return .other(type: type, bytes: Array(try take(8)))
    case BSONType.objectID: return .other(type: type, bytes: Array(try take(12)))
    case BSONType.decimal: return .other(type: type, bytes: Array(try take(16)))
    default: throw malformed("a value of the unexpected type \(type)")
    }
  }

  private mutating func take(_ count: Int) throws(BSONMalformed) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= limit - offset else { throw malformed("a value longer than its document") }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  private mutating func byte() throws(BSONMalformed) -> UInt8 {
    try take(1)[0]
  }

  private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(BSONMalformed) -> T {
    T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
  }

  private mutating func string() throws(BSONMalformed) -> String {
    let count = Int(try integer(Int32.self))
    guard count >= 1 else { throw malformed("a string of impossible length") }
    let content = try take(count)
    guard content[count - 1] == 0 else { throw malformed("a string without its end") }
    return try text(content[..<(count - 1)])
  }

  private mutating func cString() throws(BSONMalformed) -> String {
    guard let end = bytes[offset..<limit].firstIndex(of: 0) else { throw malformed("a key without its end") }
    let key = try text(bytes[offset..<end])
    offset = end + 1
    return key
  }

  private func text(_ content: Slice<UnsafeRawBufferPointer>) throws(BSONMalformed) -> String {
    guard let text = String(validating: content, as: UTF8.self) else { throw malformed("text that is not UTF-8") }
    return text
  }
}
