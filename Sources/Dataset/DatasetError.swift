/// What is wrong with a folder or a list, and what to do instead.
public struct DatasetError: Error, CustomStringConvertible, Sendable {
  /// A short word for programs.
  public enum Code: String, Sendable {
    case noConsent = "no-consent"
    case noClass = "no-class"
    case noSplit = "no-split"
    case otherLabel = "other-label"
    case invalidValue = "invalid-value"
    case missing = "missing"
    case noFace = "no-face"
    case unusable = "unusable"
  }

  /// What is wrong.
  public let code: Code
  /// What is wrong and what to do instead, as a part of a sentence.
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
        "nothing says what the people agreed to, and no photo is kept without consent: add --consent TEXT or a column “consent”"
      )
    default: self.init(code, code.rawValue)
    }
  }
}
