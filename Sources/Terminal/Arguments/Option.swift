/// An option of a verb, such as `--fpir 0.001`: its declaration, and the key to its value in an `Invocation`.
///
/// ```swift
/// let fpir = Option(
///   "fpir", .number(in: 0...1), default: 0.001, help: "the share of searches by strangers that name a person")
/// ```
///
/// An option with an environment variable is a setting. It may also be set in the settings file, under its own name.
/// The command line takes precedence over the environment, and the environment over the file.
public struct Option<Value: Sendable>: Sendable, AnyOption {
  /// The definition, for help texts and the parser.
  public let definition: OptionDefinition
  /// The name without the dashes.
  public var name: String { definition.name }
  /// The value if the option is not given.
  let absent: Value

  private init(_ definition: OptionDefinition, absent: Value) {
    self.definition = definition
    self.absent = absent
  }

  /// An option whose value is nil if it is not given.
  ///
  /// - Parameters:
  ///   - name: The name without the dashes.
  ///   - help: What the option does. It begins with a small letter and has no full stop.
  ///   - environment: The environment variable for the same value.
  public init<Wrapped>(_ name: String, _ kind: ValueKind<Wrapped>, help: String, environment: String? = nil)
  where Value == Wrapped? {
    self.init(
      OptionDefinition(
        name: name, placeholder: kind.placeholder, help: help, remarks: [kind.range], repeats: false,
        environment: environment,
        read: { texts in try texts.last.map(kind.read) as Value }),
      absent: nil)
  }

  /// An option with a default value.
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

  /// An option that may be repeated. Its value is the list of all given values.
  public init<Element>(many name: String, _ kind: ValueKind<Element>, help: String) where Value == [Element] {
    self.init(
      OptionDefinition(
        name: name, placeholder: kind.placeholder, help: help, remarks: [kind.range, "may be repeated"], repeats: true,
        environment: nil,
        read: { texts in try texts.map(kind.read) }),
      absent: [])
  }

  /// A switch, which is off by default. `--NAME=no` switches it off if the environment switches it on.
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

/// An option with a value of any type.
public protocol AnyOption: Sendable {
  /// The definition, for help texts and the parser.
  var definition: OptionDefinition { get }
}

/// The definition of an option, for help texts and the parser.
public struct OptionDefinition: Sendable {
  let name: String
  /// The placeholder of the value; nil for a switch.
  let placeholder: String?
  let help: String
  let remarks: [String]
  let repeats: Bool
  let environment: String?
  let read: @Sendable ([String]) throws -> any Sendable

  /// How it is typed, such as `--name NAME`.
  var usage: String { placeholder.map { "--\(name) \($0)" } ?? "--\(name)" }
}
