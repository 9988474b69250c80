/// An error in a command line, with what to type instead.
public struct UsageError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The exit status of the program.
  public static let exitStatus: Int32 = 2

  /// What is wrong and what to type instead. It contains what was typed, unchanged.
  public let message: String
  /// Where to find help, such as "Try: rollcall enroll --help".
  public let hint: String

  /// - Parameter verb: The program with the verb, as it is typed.
  init(_ message: String, verb: String) {
    self.message = message
    hint = "Try: \(verb) --help"
  }

  /// The message and the hint, each on its own line.
  public var description: String { message + "\n" + hint }
}
