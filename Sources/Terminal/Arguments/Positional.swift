/// A value without a name before it, as the paths in `rollcall identify a.jpg b.jpg`: its declaration, and the key to
/// its value in an `Invocation`.
public struct Positional<Value: Sendable>: Sendable, AnyPositional {
  /// What help texts and the parser know of it.
  public let definition: PositionalDefinition

  /// A value that must be there.
  public init(_ kind: ValueKind<Value>, help: String) {
    definition = PositionalDefinition(
      placeholder: kind.placeholder, help: help, count: 1...1,
      read: { texts in
        guard let text = texts.first else { throw ValueRefusal(description: "\(kind.placeholder) is missing") }
        return try kind.read(text)
      })
  }

  /// A value that may be missing.
  public init<Wrapped>(optional kind: ValueKind<Wrapped>, help: String) where Value == Wrapped? {
    definition = PositionalDefinition(
      placeholder: kind.placeholder, help: help, count: 0...1,
      read: { texts in try texts.first.map(kind.read) as Value })
  }

  /// All values to the end of the command line.
  public init<Element>(many kind: ValueKind<Element>, atLeast least: Int = 1, help: String) where Value == [Element] {
    definition = PositionalDefinition(
      placeholder: kind.placeholder, help: help, count: least...Int.max, read: { texts in try texts.map(kind.read) })
  }
}

/// Any positional value.
public protocol AnyPositional: Sendable {
  /// What help texts and the parser know of it.
  var definition: PositionalDefinition { get }
}

/// What help texts and the parser know of a positional value.
public struct PositionalDefinition: Sendable {
  let placeholder: String
  let help: String
  let count: ClosedRange<Int>
  let read: @Sendable ([String]) throws -> any Sendable

  /// How it is typed, as in `PATH…`.
  var usage: String {
    let name = count.upperBound > 1 ? placeholder + "…" : placeholder
    return count.lowerBound == 0 ? "[\(name)]" : name
  }
}
