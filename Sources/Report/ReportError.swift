/// Why there is no report.
public struct ReportError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What went wrong, for programs.
  public enum Code: Sendable {
    /// The plotting program is not installed.
    case noPlotter
    /// It did not draw.
    case plotting
    /// The folder or a file in it cannot be written.
    case writing
  }

  /// What went wrong.
  public let code: Code
  /// The same in words, with what to do about it.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
