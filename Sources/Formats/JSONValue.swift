/// A JSON value. Its objects keep their keys in the order in which they were written.
///
/// ```swift
/// let value: JSONValue = ["id": "7", "confidence": 0.98]
/// let text = value.text()
/// let again = try JSONValue(parsing: Data(text.utf8))
/// ```
public indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  /// A number. NaN and infinities are written as `null`, because JSON has no text for them.
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key of an object with its value.
  public struct Member: Sendable, Equatable {
    /// The key before the colon.
    public let key: String
    /// The value after the colon.
    public let value: JSONValue

    /// A member of an object.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// A number, or `null`.
  public static func optional(_ number: Double?) -> JSONValue { number.map(JSONValue.double) ?? .null }

  /// A text, or `null`.
  public static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

  /// The value of a key; nil if there is no such key, or if this is not an object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A text; nil for any other value.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// `true` or `false`; nil for any other value.
  public var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  /// A whole number, even if it is written with a fraction of zero; nil for any other value.
  public var int: Int? {
    switch self {
    case .int(let number): number
    case .double(let number): Int(exactly: number)
    default: nil
    }
  }

  /// A number; nil for any other value.
  public var double: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// The elements of a list; nil for any other value.
  public var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members of an object, in their order; nil for any other value.
  public var object: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The value as JSON text without a line end.
  ///
  /// Control characters, DEL and characters that end a line are escaped, so that the text cannot change a terminal.
  ///
  /// - Parameters:
  ///   - pretty: Whether to write several lines, indented by two blanks. Arrays of plain values stay on one line.
  ///   - decimals: The number of decimals; nil for the shortest text that reads back as the same number.
  public func text(pretty: Bool = false, decimals: Int? = nil) -> String {
    var writer = JSONWriter(pretty: pretty, decimals: decimals)
    writer.write(self, depth: 0)
    return writer.text
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `nil` is `null`.
  public init(nilLiteral: ()) { self = .null }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object whose keys keep the order of the literal.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0, $1) })
  }
}

private struct JSONWriter {
  let pretty: Bool
  let decimals: Int?
  var text = ""

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .int(let number): text += String(number)
    case .double(let number): text += written(number)
    case .string(let string): quote(string)
    case .array(let elements):
      let plain = elements.allSatisfy(\.isPlain)
      list("[", "]", elements, depth: depth, lines: pretty && !plain) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let members):
      list("{", "}", members, depth: depth, lines: pretty) { writer, member in
        writer.quote(member.key)
        writer.text += writer.pretty ? ": " : ":"
        writer.write(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func list<Element>(
    _ open: String, _ close: String, _ elements: [Element], depth: Int, lines: Bool,
    each: (inout JSONWriter, Element) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += pretty && !lines ? ", " : "," }
      if lines { text += "\n" + String(repeating: "  ", count: depth + 1) }
      each(&self, element)
    }
    if lines && !elements.isEmpty { text += "\n" + String(repeating: "  ", count: depth) }
    text += close
  }

  private func written(_ number: Double) -> String {
    guard number.isFinite else { return "null" }
    guard let decimals else { return number.description }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (number * scale).rounded() / scale
    guard scaled.isFinite else { return number.description }
    // Adding zero turns minus zero, which rounding may produce, into zero.
    return (scaled + 0).description
  }

  private mutating func quote(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue {
  fileprivate var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }
}
