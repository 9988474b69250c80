/// A report could not be written.
public struct ReportError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The reason, for programs.
  public enum Code: Sendable {
    /// The plotting program is not installed.
    case noPlotter
    /// Gnuplot drew no picture.
    case plotting
    /// The folder or a file in it could not be written.
    case writing
  }

  /// The reason, for programs.
  public let code: Code
  /// The reason in words, with what to do about it.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
