import Foundation
import Posix

/// Why the spool could not do what it was asked to.
///
/// `description` reads as a sentence with what was being done, what went wrong, and what to do about it. It holds no
/// personal data.
public struct SpoolError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What kind of failure it is, for a caller that acts on it.
  public enum Code: String, Sendable {
    /// The disk, or what this user may have of it, is full.
    case full
    /// The folder or a file in it cannot be used.
    case unusable
    /// An event cannot be written, whatever the disk.
    case invalidValue
    /// The spool is closed.
    case closed
  }

  /// What kind of failure it is.
  public let code: Code
  /// What was being done, such as "Keeping an event on disk".
  public let operation: String
  /// What went wrong.
  public let cause: String
  /// What to do about it.
  public let advice: String

  init(_ code: Code, _ operation: String, cause: String, advice: String) {
    self.code = code
    self.operation = operation
    self.cause = cause
    self.advice = advice
  }

  init(_ failure: SystemFailure, _ operation: String, path: String) {
    if [ENOSPC, EDQUOT, EFBIG].contains(failure.code) {
      self.init(
        .full, operation, cause: "\(path): \(failure.text)",
        advice: "Make room on that disk; events are kept again as soon as there is some.")
    } else {
      self.init(
        .unusable, operation, cause: "\(path): \(failure.text)",
        advice: "Choose a folder on a local disk that you may write to with --data.")
    }
  }

  /// One sentence with the operation and the cause, one with the advice.
  public var description: String {
    "\(operation) failed: \(cause). \(advice)"
  }
}
