/// An option of a verb, as in `--fpir 0.001`: its declaration, and the key to its value in an `Invocation`.
///
/// An option with an environment variable is a setting: it may also stand in the settings file, under its own name. The
/// command line beats the environment, which beats the file.
public struct Option<Value: Sendable>: Sendable, AnyOption {
  /// What help texts and the parser know of it.
  public let definition: OptionDefinition
  /// Without the dashes.
  public var name: String { definition.name }
  /// The value where nothing is said.
  let absent: Value

  private init(_ definition: OptionDefinition, absent: Value) {
    self.definition = definition
    self.absent = absent
  }

  /// An option with a value that may be missing.
  ///
  /// - Parameters:
  ///   - name: without the dashes.
  ///   - help: what it does, beginning with a small letter and without a full stop.
  ///   - environment: the variable that says the same.
  public init<Wrapped>(_ name: String, _ kind: ValueKind<Wrapped>, help: String, environment: String? = nil)
  where Value == Wrapped? {
    self.init(
      OptionDefinition(
        name: name, placeholder: kind.placeholder, help: help, remarks: [kind.range], repeats: false,
        environment: environment,
        read: { texts in try texts.last.map(kind.read) as Value }),
      absent: nil)
  }

  /// An option with a value that has a default.
  public init(
    _ name: String, _ kind: ValueKind<Value>, default value: Value, help: String, environment: String? = nil
  ) {
    self.init(
      OptionDefinition(
        name: name, placeholder: kind.placeholder, help: help,
        remarks: [kind.range, "default \(Self.text(of: value))"],
        repeats: false, environment: environment,
        read: { texts in try texts.last.map(kind.read) ?? value }),
      absent: value)
  }

  /// An option that may be given several times; its value is all of them.
  public init<Element>(many name: String, _ kind: ValueKind<Element>, help: String) where Value == [Element] {
    self.init(
      OptionDefinition(
        name: name, placeholder: kind.placeholder, help: help, remarks: [kind.range, "may be repeated"], repeats: true,
        environment: nil,
        read: { texts in try texts.map(kind.read) }),
      absent: [])
  }

  /// A switch, off unless it is given. `--NAME=no` switches it off where the environment switches it on.
  public init(flag name: String, help: String, environment: String? = nil) where Value == Bool {
    self.init(
      OptionDefinition(
        name: name, placeholder: nil, help: help, remarks: [], repeats: false, environment: environment,
        read: { texts in
          try texts.last.map { text in
            switch text.lowercased() {
            case "yes", "true", "on", "1": return true
            case "no", "false", "off", "0": return false
            default: throw ValueRefusal(description: "“\(text)” is neither yes nor no")
            }
          } ?? false
        }),
      absent: false)
  }

  private static func text(of value: Value) -> String {
    if let number = value as? Double { return shortest(number) }
    if let choice = value as? any RawRepresentable<String> { return choice.rawValue }
    return "\(value)"
  }
}

/// Any option, whatever its value.
public protocol AnyOption: Sendable {
  /// What help texts and the parser know of it.
  var definition: OptionDefinition { get }
}

/// What help texts and the parser know of an option.
public struct OptionDefinition: Sendable {
  let name: String
  /// Nil for a switch.
  let placeholder: String?
  let help: String
  let remarks: [String]
  let repeats: Bool
  let environment: String?
  let read: @Sendable ([String]) throws -> any Sendable

  /// How it is typed, as in `--name NAME`.
  var usage: String { placeholder.map { "--\(name) \($0)" } ?? "--\(name)" }
}
