/// A kind of value, which turns a typed text into the value.
public struct ValueKind<Value: Sendable>: Sendable {
  /// The name of the value in help texts, such as `DIR`.
  let placeholder: String
  /// All allowed texts of a choice; empty for other kinds.
  let choices: [String]
  /// The allowed range, for help texts, such as "0 to 1"; empty if any value is allowed.
  let range: String
  let read: @Sendable (String) throws -> Value

  private init(
    _ placeholder: String, choices: [String] = [], range: String = "",
    read: @escaping @Sendable (String) throws -> Value
  ) {
    self.placeholder = placeholder
    self.choices = choices
    self.range = range
    self.read = read
  }

  /// A custom kind of value.
  ///
  /// - Parameters:
  ///   - placeholder: The name of the value in help texts, in capitals.
  ///   - read: Makes the value. The error that it throws is shown as the reason, so its description says what to write
  ///     instead.
  public init(_ placeholder: String, read: @escaping @Sendable (String) throws -> Value) {
    self.init(placeholder, choices: [], read: read)
  }
}

/// The reason why a text is not a valid value, and what to write instead.
struct ValueRefusal: Error, CustomStringConvertible {
  let description: String
}

extension ValueKind where Value == String {
  /// Any text that is not empty. An empty text is nearly always a variable that a script forgot to set.
  public static func text(_ placeholder: String = "TEXT") -> ValueKind {
    ValueKind(placeholder) { text in
      guard !text.isEmpty else { throw ValueRefusal(description: "the text is empty; write \(placeholder)") }
      return text
    }
  }
}

extension ValueKind where Value == Int {
  /// A whole number in a range. A range that ends with `Int.max` has no upper limit.
  public static func integer(_ placeholder: String = "N", in range: ClosedRange<Int>) -> ValueKind {
    let words = range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    return ValueKind(placeholder, range: words) { text in
      guard let number = Int(text) else {
        throw ValueRefusal(description: "“\(text)” is no whole number; write one, \(words)")
      }
      guard range.contains(number) else {
        throw ValueRefusal(description: "“\(text)” is out of range; write a whole number, \(words)")
      }
      return number
    }
  }
}

extension ValueKind where Value == Double {
  /// A number in a range. A range that ends with infinity has no upper limit.
  public static func number(_ placeholder: String = "NUMBER", in range: ClosedRange<Double>) -> ValueKind {
    let lower = shortest(range.lowerBound)
    let words = range.upperBound == .infinity ? "\(lower) or more" : "\(lower) to \(shortest(range.upperBound))"
    return ValueKind(placeholder, range: words) { text in
      guard let number = Double(text), number.isFinite else {
        throw ValueRefusal(description: "“\(text)” is no number; write one, \(words)")
      }
      guard range.contains(number) else {
        throw ValueRefusal(description: "“\(text)” is out of range; write a number, \(words)")
      }
      return number
    }
  }
}

extension ValueKind where Value: CaseIterable & RawRepresentable<String> {
  /// One of the cases of an enumeration, by its raw value.
  public static func choice(of type: Value.Type = Value.self) -> ValueKind { choice(of: Array(type.allCases)) }

  /// One of these cases, by its raw value.
  public static func choice(of cases: [Value]) -> ValueKind {
    let choices = cases.map(\.rawValue)
    return ValueKind(choices.joined(separator: "|"), choices: choices) { text in
      guard let value = Value(rawValue: text), choices.contains(text) else {
        let meant = didYouMean(closest(to: text, among: choices))
        throw ValueRefusal(description: "“\(text)” is none of \(choices.joined(separator: ", "))\(meant)")
      }
      return value
    }
  }
}

/// The shortest text of a number, without `.0` at its end.
func shortest(_ number: Double) -> String {
  let text = number.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
