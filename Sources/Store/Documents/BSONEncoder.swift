extension BSONDocument {
  /// The document as BSON bytes.
  ///
  /// - Precondition: Keys contain no NUL, because BSON cannot express it. Keys are constants of this module.
  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  fileprivate func append(to bytes: inout [UInt8]) {
    BSONDocument.append(fields, to: &bytes)
  }

  fileprivate static func append(_ fields: some Sequence<(key: String, value: BSON)>, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(integer: Int32(0))
    for (key, value) in fields {
      bytes.append(value.type)
      bytes.append(key: key)
      value.append(to: &bytes)
    }
    bytes.append(0)
    let length = Int32(bytes.count - start)
    withUnsafeBytes(of: length.littleEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
  }
}

extension BSON {
  fileprivate var type: UInt8 {
    switch self {
    case .double: BSONType.double
    case .string: BSONType.string
    case .document: BSONType.document
    case .array: BSONType.array
    case .binary: BSONType.binary
    case .bool: BSONType.bool
    case .milliseconds: BSONType.date
    case .null: BSONType.null
    case .int32: BSONType.int32
    case .int64: BSONType.int64
    case .other(let type, _): type
    }
  }

  fileprivate func append(to bytes: inout [UInt8]) {
    switch self {
    case .double(let value):
      bytes.append(integer: value.bitPattern)
    case .string(let value):
      bytes.append(integer: Int32(value.utf8.count + 1))
      bytes.append(contentsOf: value.utf8)
      bytes.append(0)
    case .document(let value):
      value.append(to: &bytes)
    case .array(let values):
      BSONDocument.append(values.lazy.enumerated().map { (key: String($0), value: $1) }, to: &bytes)
    case .binary(let value, let subtype):
      bytes.append(integer: Int32(value.count))
      bytes.append(subtype)
      bytes.append(contentsOf: value)
    case .bool(let value):
      bytes.append(value ? 1 : 0)
    case .milliseconds(let value), .int64(let value):
      bytes.append(integer: value)
    case .int32(let value):
      bytes.append(integer: value)
    case .null:
      break
    case .other(_, let value):
      bytes.append(contentsOf: value)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(integer: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(key: String) {
    precondition(!key.utf8.contains(0), "a document key cannot hold a NUL")
    append(contentsOf: key.utf8)
    append(0)
  }
}
