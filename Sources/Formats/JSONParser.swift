public import Foundation

extension JSONValue {
  /// An error for bytes that are not JSON.
  public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// What is wrong, as a part of a sentence. It does not quote the text, which may be personal.
    public let reason: String
    /// The number of bytes before the error.
    public let offset: Int

    /// What is wrong and where.
    public var description: String { "\(reason) at byte \(offset)" }
  }

  /// The deepest nesting of arrays and objects that is read. Deeper nesting is rejected, because a short text could
  /// otherwise exhaust the stack.
  public static let deepest = 128

  /// Parses one JSON value as in RFC 8259, in UTF-8. Only white space may stand around it.
  ///
  /// A number without fraction and exponent becomes an `int` if it fits. Every other number becomes a `double`. Objects
  /// keep their order. An object that has a key twice is rejected, because readers differ in which of the two counts.
  ///
  /// - Throws: `Failure` with what is wrong.
  public init(parsing data: Data) throws(Failure) {
    var parser = JSONParser(data)
    self = try parser.document()
  }
}

/// A strict JSON parser. Foundation's parsers are not used, because they read `[1,]` as `[1]` and `1.0` as `1`, and
/// drop keys that occur twice.
private struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(_ data: Data) {
    bytes = Array(data)
  }

  mutating func document() throws(JSONValue.Failure) -> JSONValue {
    let value = try value()
    guard position == bytes.count else { throw failure("there is more behind the value") }
    return value
  }

  /// Reads the next value and the white space around it.
  private mutating func value() throws(JSONValue.Failure) -> JSONValue {
    skipSpace()
    defer { skipSpace() }
    switch next {
    case "{": return .object(try object())
    case "[": return .array(try array())
    case "\"": return .string(try string())
    case "t": return try word("true", .bool(true))
    case "f": return try word("false", .bool(false))
    case "n": return try word("null", .null)
    case let scalar? where scalar == "-" || ("0"..."9").contains(scalar): return try number()
    case nil: throw failure("the text ends too early")
    default: throw failure("no value begins like this")
    }
  }

  private mutating func object() throws(JSONValue.Failure) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    var keys: Set<String> = []
    try list(until: "}") { (parser) throws(JSONValue.Failure) in
      parser.skipSpace()
      guard parser.next == "\"" else { throw parser.failure("an object's key is missing") }
      let start = parser.position
      let key = try parser.string()
      guard keys.insert(key).inserted else { throw parser.failure("an object has a key twice", at: start) }
      parser.skipSpace()
      guard parser.take(":") else { throw parser.failure("the colon behind a key is missing") }
      members.append(JSONValue.Member(key, try parser.value()))
    }
    return members
  }

  private mutating func array() throws(JSONValue.Failure) -> [JSONValue] {
    var elements: [JSONValue] = []
    try list(until: "]") { (parser) throws(JSONValue.Failure) in elements.append(try parser.value()) }
    return elements
  }

  /// Reads from an opening bracket to the closing one. `element` reads what stands between the commas.
  private mutating func list(
    until end: Unicode.Scalar, _ element: (inout JSONParser) throws(JSONValue.Failure) -> Void
  ) throws(JSONValue.Failure) {
    guard depth < JSONValue.deepest else { throw failure("more than \(JSONValue.deepest) brackets are open") }
    depth += 1
    defer { depth -= 1 }
    position += 1
    skipSpace()
    if take(end) { return }
    repeat { try element(&self) } while take(",")
    guard take(end) else { throw failure("a comma or a closing bracket is missing") }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONValue.Failure) -> JSONValue {
    let length = word.utf8CodeUnitCount
    let isHere = word.withUTF8Buffer { bytes[position...].prefix(length).elementsEqual($0) }
    guard isHere else { throw failure("no value begins like this") }
    position += length
    return value
  }

  private mutating func number() throws(JSONValue.Failure) -> JSONValue {
    let start = position
    _ = take("-")
    // No digit may follow a leading zero.
    if !take("0") { try digits() }
    let whole = position
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("-") { _ = take("+") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if position == whole, let number = Int(text) { return .int(number) }
    guard let number = Double(text), number.isFinite else { throw failure("a number is too large", at: start) }
    return .double(number)
  }

  /// Reads one or more digits.
  private mutating func digits() throws(JSONValue.Failure) {
    let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty else { throw failure("a digit is missing") }
    position = digits.endIndex
  }

  private mutating func string() throws(JSONValue.Failure) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while true {
      let plain = bytes[position...].prefix { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      text += plain
      position = plain.endIndex
      switch next {
      case "\"":
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a string is not UTF-8", at: start)
        }
        return string
      case "\\":
        position += 1
        text += try escaped().utf8
      case nil: throw failure("the text ends within a string")
      default: throw failure("a control character in a string is not escaped")
      }
    }
  }

  /// Reads the escape sequence after a backslash.
  private mutating func escaped() throws(JSONValue.Failure) -> String {
    let letter = next
    position += 1
    switch letter {
    case "\"": return "\""
    case "\\": return "\\"
    case "/": return "/"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      let start = position
      let first = try unit()
      if let scalar = Unicode.Scalar(first) { return String(scalar) }
      if UTF16.isLeadSurrogate(first), take("\\"), take("u"), case let second = try unit(),
        UTF16.isTrailSurrogate(second)
      {
        return String(decoding: [first, second], as: UTF16.self)
      }
      throw failure("half of a surrogate pair stands alone", at: start)
    default: throw failure("no escape is written like this", at: position - 1)
    }
  }

  /// Reads four hexadecimal digits.
  private mutating func unit() throws(JSONValue.Failure) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits are missing") }
    position += 4
    return unit
  }

  /// The byte at the position, as ASCII; nil at the end. Bytes of other characters do not equal any character of JSON's
  /// syntax.
  private var next: Unicode.Scalar? { position < bytes.count ? Unicode.Scalar(bytes[position]) : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let scalar = next, scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t" { position += 1 }
  }

  private func failure(_ reason: String, at offset: Int? = nil) -> JSONValue.Failure {
    JSONValue.Failure(reason: reason, offset: offset ?? position)
  }
}
