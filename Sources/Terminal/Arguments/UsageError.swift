/// A command line that cannot be understood, with what to type instead.
public struct UsageError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What the program exits with.
  public static let exitStatus: Int32 = 2

  /// What is wrong and what to type instead. Holds what was typed as it was typed.
  public let message: String
  /// Where to read on, as in "Try: rollcall enroll --help".
  public let hint: String

  /// - Parameter verb: the program with the verb, as it is typed.
  init(_ message: String, verb: String) {
    self.message = message
    hint = "Try: \(verb) --help"
  }

  /// Both lines.
  public var description: String { message + "\n" + hint }
}
