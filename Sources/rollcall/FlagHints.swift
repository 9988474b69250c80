import Attendance
import Dataset
import Enroll
import Store
import Values
import Vision

/// The message of an error, followed by the flag that helps.
func described(_ error: any Error) -> String { "\(error)" + (flagHint(for: error).map { " (\($0))" } ?? "") }

extension FileProblem {
  /// The reason, followed by the flag that helps.
  var hintedReason: String {
    let hint: String? =
      switch code {
      case PhotoRefusal.masked.rawValue: "if there is none, enroll with --allow-covered"
      case PhotoRefusal.covered.rawValue: "if nothing does, or it is always worn, enroll with --allow-covered"
      case "duplicate": "if these are two people, enroll with --allow-duplicate"
      case "different": "if it is the same person, enroll with --allow-different"
      case "another": "if it is the same person, enroll with --allow-different --allow-duplicate"
      case "mixed": "--roster FILE.csv reads such a list; if all show one person, enroll with --allow-different"
      case "name-taken": "if these are two people, enroll with --allow-different"
      case "too-many-pixels": pixelsHint
      case DatasetError.Code.noConsent.rawValue: "or add --consent TEXT"
      case DatasetError.Code.noReason.rawValue: "or add --reason TEXT"
      default: nil
      }
    return reason + (hint.map { " (\($0))" } ?? "")
  }

  /// The file, the reason and the flag that helps.
  var line: String { "\(file): \(hintedReason)" }
}

private let pixelsHint = "--max-megapixels accepts larger ones"

private func flagHint(for error: any Error) -> String? {
  switch error {
  case let error as StoreError:
    switch error.code {
    case .dataFolder: "--data DIR names another folder"
    case .mongodMissing: "--mongodb URI names a server"
    default: nil
    }
  case let error as SpoolError where error.code == .unusable: "--data DIR names another folder"
  case let error as PlanError where error.needsName: "--name NAME says whom, --roster FILE.csv reads a list"
  case let error as DatasetError where error.code == .noConsent: "or add --consent TEXT"
  case AttendanceError.daysReversed: "--from is the earlier, --to the later"
  case let error as PhotoError: if case .tooManyPixels = error.code { pixelsHint } else { nil }
  default: nil
  }
}
