/// A parsed command line: a verb and its values.
public struct Invocation: Sendable {
  /// The verb with its group, without the program, such as "people list".
  public let verb: String

  /// The program with the verb.
  let typed: String
  let values: [String: any Sendable]

  /// The value of an option of this verb, or of every verb.
  public subscript<Value>(option: Option<Value>) -> Value {
    guard let value = values["--" + option.definition.name] else {
      preconditionFailure("\(typed) has no --\(option.definition.name)")
    }
    return value as? Value ?? option.absent
  }

  /// The value of a positional of this verb.
  public subscript<Value>(positional: Positional<Value>) -> Value {
    guard let value = values[positional.definition.placeholder] as? Value else {
      preconditionFailure("\(typed) has no \(positional.definition.placeholder)")
    }
    return value
  }

  /// An error for values that do not go together.
  ///
  /// - Parameter message: What is wrong and what to type instead. It begins with a small letter and has no full stop.
  public func refuse(_ message: String) -> UsageError { UsageError(message, verb: typed) }
}
