import Foundation

/// One value of a MongoDB document.
///
/// The types that Rollcall stores have their own cases. All other types in a server's reply become `other`, so that a
/// field that is not used cannot make reading the reply fail.
enum BSON: Equatable, Sendable {
  case double(Double)
  case string(String)
  case document(BSONDocument)
  case array([BSON])
  case binary([UInt8], subtype: UInt8)
  case bool(Bool)
  /// Milliseconds since 1970-01-01T00:00:00Z.
  case milliseconds(Int64)
  case null
  case int32(Int32)
  case int64(Int64)
  /// A value of fixed size (object id, timestamp, decimal, minimum or maximum key), its bytes untouched.
  case other(type: UInt8, bytes: [UInt8])

  /// A date, rounded to the millisecond, which is MongoDB's resolution. A date beyond MongoDB's range becomes the limit
  /// of the range.
  static func date(_ date: Date) -> BSON {
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
    return .milliseconds(Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max))
  }

  /// A string, or null for nil.
  static func optional(_ text: String?) -> BSON {
    text.map(BSON.string) ?? .null
  }

  /// Array of strings.
  static func strings(_ texts: [String]) -> BSON {
    .array(texts.map(BSON.string))
  }
}

/// An ordered MongoDB document.
struct BSONDocument: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  private(set) var fields: [(key: String, value: BSON)]

  init(dictionaryLiteral elements: (String, BSON)...) {
    fields = elements.map { (key: $0.0, value: $0.1) }
  }

  init(fields: [(key: String, value: BSON)]) {
    self.fields = fields
  }

  /// The first value under `key`. Setting appends when the key is new.
  subscript(key: String) -> BSON? {
    get { fields.first { $0.key == key }?.value }
    set {
      if let index = fields.firstIndex(where: { $0.key == key }) {
        if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
      } else if let newValue {
        fields.append((key, newValue))
      }
    }
  }

  static func == (left: BSONDocument, right: BSONDocument) -> Bool {
    left.fields.count == right.fields.count
      && zip(left.fields, right.fields).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }
}

extension BSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(integerLiteral value: Int32) { self = .int32(value) }
  init(arrayLiteral elements: BSON...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, BSON)...) {
    self = .document(BSONDocument(fields: elements.map { (key: $0.0, value: $0.1) }))
  }
}

/// Element type codes of the BSON specification 1.1.
enum BSONType {
  static let double: UInt8 = 0x01
  static let string: UInt8 = 0x02
  static let document: UInt8 = 0x03
  static let array: UInt8 = 0x04
  static let binary: UInt8 = 0x05
  static let undefined: UInt8 = 0x06
  static let objectID: UInt8 = 0x07
  static let bool: UInt8 = 0x08
  static let date: UInt8 = 0x09
  static let null: UInt8 = 0x0A
  static let int32: UInt8 = 0x10
  static let timestamp: UInt8 = 0x11
  static let int64: UInt8 = 0x12
  static let decimal: UInt8 = 0x13
  static let maximumKey: UInt8 = 0x7F
  static let minimumKey: UInt8 = 0xFF
}
