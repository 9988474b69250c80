import Foundation
import Posix
public import Values

/// An error of the spool. It contains no personal data.
public typealias SpoolError = OperationError<SpoolErrorCode>

/// The kind of failure of a `SpoolError`.
public enum SpoolErrorCode: String, Sendable {
  /// The disk is full, or this user's share of it.
  case full
  /// The folder or a file in it cannot be used.
  case unusable
  /// The event has a value that cannot be written.
  case invalidValue
  /// The spool is closed.
  case closed
}

extension SpoolError {
  init(_ failure: SystemFailure, _ operation: String, path: String) {
    if [ENOSPC, EDQUOT, EFBIG].contains(failure.code) {
      self.init(
        .full, operation, cause: "\(path): \(failure.text)",
        advice: "Make room on that disk; events are kept again as soon as there is some.")
    } else {
      self.init(
        .unusable, operation, cause: "\(path): \(failure.text)",
        advice: "Choose a data folder on a local disk that you may write to.")
    }
  }
}
