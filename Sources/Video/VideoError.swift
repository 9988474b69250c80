/// An error of reading or writing a video.
public struct VideoError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What went wrong, for programs.
  public enum Code: String, Sendable {
    /// The text is not a source of video.
    case notASource
    /// The program that reads video for Rollcall is missing.
    case programMissing
    /// The source cannot be opened or has stopped sending pictures.
    case unreadable
    /// The source sent nothing for too long.
    case silent
    /// The reading process ended by itself.
    case crashed
    /// The file cannot be written.
    case unwritable
  }

  /// What went wrong, for programs.
  public let code: Code
  /// The source, without the credentials that an address may hold.
  public let source: String
  /// What went wrong.
  public let reason: String
  /// What to do about it.
  public let advice: String

  init(_ code: Code, _ source: String, _ reason: String, advice: String) {
    self.code = code
    self.source = source
    self.reason = reason
    self.advice = advice
  }

  /// The source, what went wrong, and what to do about it.
  public var description: String { "\(source): \(reason). \(advice)" }
}
