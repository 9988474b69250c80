import Foundation
import Values

/// Reads the fields of a stored document. If a field is missing or has another type, the error names the collection and
/// the field, but not the value.
struct Fields {
  let document: BSONDocument
  let collection: String

  init(_ document: BSONDocument, of collection: String) {
    self.document = document
    self.collection = collection
  }

  func string(_ key: String) throws -> String {
    try require(key) { $0.string }
  }

  func optionalString(_ key: String) throws -> String? {
    try optional(key) { $0.string }
  }

  func double(_ key: String) throws -> Double {
    try require(key, Self.number)
  }

  func optionalDouble(_ key: String) throws -> Double? {
    try optional(key, Self.number)
  }

  func integer(_ key: String) throws -> Int64 {
    try require(key) { $0.integer.map(Int64.init) }
  }

  /// A case of an enumeration, by its raw value.
  func choice<Choice: RawRepresentable<String>>(_ key: String) throws -> Choice {
    try require(key) { $0.string.flatMap(Choice.init(rawValue:)) }
  }

  func date(_ key: String) throws -> Date {
    try require(key) {
      if case .milliseconds(let value) = $0 { Date(timeIntervalSince1970: Double(value) / 1000) } else { nil }
    }
  }

  func optionalDate(_ key: String) throws -> Date? {
    document[key] == nil || document[key] == .null ? nil : try date(key)
  }

  func optionalBool(_ key: String) throws -> Bool? {
    try optional(key) { if case .bool(let value) = $0 { value } else { nil } }
  }

  func strings(_ key: String) throws -> [String] {
    try require(key) { $0.array?.allStrings }
  }

  func doubles(_ key: String) throws -> [Double] {
    try require(key) { value in
      guard let values = value.array else { return nil }
      let numbers = values.compactMap(Self.number)
      return numbers.count == values.count ? numbers : nil
    }
  }

  func document(_ key: String) throws -> Fields {
    Fields(try require(key) { $0.document }, of: collection)
  }

  func documents(_ key: String) throws -> [Fields] {
    try require(key) { $0.array }.map {
      guard let document = $0.document else { throw damaged(key) }
      return Fields(document, of: collection)
    }
  }

  /// Little-endian float32 numbers in a binary.
  func floats(_ key: String) throws -> [Float] {
    try require(key) { value in
      guard case .binary(let bytes, _) = value, bytes.count % 4 == 0 else { return nil }
      return bytes.withUnsafeBytes { raw in
        (0..<raw.count / 4).map {
          Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
        }
      }
    }
  }

  func damaged(_ key: String) -> StoreError {
    StoreError(
      .damaged, "Reading the database", cause: "a document in \(collection) has no usable \"\(key)\"",
      advice: "Something other than Rollcall has written there; restore it from a backup or remove the document.")
  }

  private func require<T>(_ key: String, _ convert: (BSON) -> T?) throws -> T {
    guard let value = document[key].flatMap(convert) else { throw damaged(key) }
    return value
  }

  private func optional<T>(_ key: String, _ convert: (BSON) -> T?) throws -> T? {
    guard let value = document[key], value != .null else { return nil }
    guard let converted = convert(value) else { throw damaged(key) }
    return converted
  }

  private static func number(_ value: BSON) -> Double? {
    if case .double(let number) = value { number } else { value.integer.map(Double.init) }
  }
}

extension [BSON] {
  fileprivate var allStrings: [String]? {
    let strings = compactMap(\.string)
    return strings.count == count ? strings : nil
  }
}

extension BSON {
  /// Little-endian float32 numbers in a binary of the generic subtype.
  static func floats(_ numbers: [Float]) -> BSON {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * 4)
    for number in numbers {
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return .binary(bytes, subtype: 0)
  }
}
