/// A value without an option name, such as the paths in `rollcall identify a.jpg b.jpg`: its declaration, and the key
/// to its value in an `Invocation`.
public struct Positional<Value: Sendable>: Sendable, AnyPositional {
  /// The definition, for help texts and the parser.
  public let definition: PositionalDefinition

  /// A required value.
  public init(_ kind: ValueKind<Value>, help: String) {
    definition = PositionalDefinition(
      placeholder: kind.placeholder, help: help, count: 1...1,
      read: { texts in
        guard let text = texts.first else { throw ValueRefusal(description: "\(kind.placeholder) is missing") }
        return try kind.read(text)
      })
  }

  /// An optional value.
  public init<Wrapped>(optional kind: ValueKind<Wrapped>, help: String) where Value == Wrapped? {
    definition = PositionalDefinition(
      placeholder: kind.placeholder, help: help, count: 0...1,
      read: { texts in try texts.first.map(kind.read) as Value })
  }

  /// All values up to the end of the command line.
  public init<Element>(many kind: ValueKind<Element>, atLeast least: Int = 1, help: String) where Value == [Element] {
    definition = PositionalDefinition(
      placeholder: kind.placeholder, help: help, count: least...Int.max, read: { texts in try texts.map(kind.read) })
  }
}

/// A positional value of any type.
public protocol AnyPositional: Sendable {
  /// The definition, for help texts and the parser.
  var definition: PositionalDefinition { get }
}

/// The definition of a positional value, for help texts and the parser.
public struct PositionalDefinition: Sendable {
  let placeholder: String
  let help: String
  let count: ClosedRange<Int>
  let read: @Sendable ([String]) throws -> any Sendable

  /// How it is typed, such as `PATH…`.
  var usage: String {
    let name = count.upperBound > 1 ? placeholder + "…" : placeholder
    return count.lowerBound == 0 ? "[\(name)]" : name
  }
}
