/// An error of picture processing or of a network, with the reason in words.
public struct VisionError: Error, CustomStringConvertible, Sendable {
  /// What went wrong, for programs.
  public enum Code: Sendable {
    /// The bytes cannot be decoded as a picture.
    case unreadable
    /// An argument is out of range.
    case invalid
    /// Memory ran out.
    case memory
    /// A model file is missing or does not fit.
    case model
    /// Anything else.
    case failed
  }

  /// What went wrong, for programs.
  public let code: Code
  /// What was being done, as in "decode a picture".
  public let operation: String
  /// What went wrong, in the library's words.
  public let reason: String

  package init(_ code: Code, while operation: String, _ reason: String) {
    self.code = code
    self.operation = operation
    self.reason = reason
  }

  /// What was being done and why it failed.
  public var description: String { "could not \(operation): \(reason)" }
}
