import Foundation
import Posix
public import Values

/// Why the spool could not do what it was asked to. It holds no personal data.
public typealias SpoolError = OperationError<SpoolErrorCode>

/// What kind of failure a `SpoolError` is.
public enum SpoolErrorCode: String, Sendable {
  /// The disk, or what this user may have of it, is full.
  case full
  /// The folder or a file in it cannot be used.
  case unusable
  /// An event cannot be written, whatever the disk.
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
