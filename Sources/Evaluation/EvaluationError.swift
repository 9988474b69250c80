/// The trials do not allow a figure to be computed.
public struct EvaluationError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What is missing or wrong, and what to do about it.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
