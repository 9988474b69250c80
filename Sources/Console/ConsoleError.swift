/// Why the console did not start.
public struct ConsoleError: Error, CustomStringConvertible, Sendable {
  /// What went wrong.
  public let cause: String
  /// What to do about it.
  public let advice: String

  init(_ cause: String, advice: String) {
    (self.cause, self.advice) = (cause, advice)
  }

  /// One sentence with the cause, one with the advice.
  public var description: String { "Starting the console failed: \(cause). \(advice)" }
}
