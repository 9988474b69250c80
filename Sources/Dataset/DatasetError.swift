/// A folder or a list cannot be used.
public struct DatasetError: Error, CustomStringConvertible, Sendable {
  /// The reason, as a short word for programs.
  public enum Code: String, Sendable {
    case noConsent = "no-consent"
    case noReason = "no-reason"
    case noClass = "no-class"
    case noSplit = "no-split"
    case otherLabel = "other-label"
    case invalidValue = "invalid-value"
    case missing = "missing"
    case noFace = "no-face"
    case unusable = "unusable"
  }

  /// The reason.
  public let code: Code
  /// The reason in words, and what to do about it, as a part of a sentence.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  init(_ description: String) {
    self.init(.unusable, description)
  }

  init(_ code: Code) {
    switch code {
    case .noConsent:
      self.init(
        code,
        "nothing says what the people agreed to, and no photo is kept without consent: fill a column “consent”"
      )
    default: self.init(code, code.rawValue)
    }
  }
}
