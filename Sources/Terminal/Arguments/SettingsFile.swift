/// A settings file: one `name = value` per line, and `#` before remarks.
///
/// ```swift
/// let settings = try SettingsFile.parse("fpir = 0.001")
/// ```
public enum SettingsFile {
  /// An error for a line that is not a setting.
  public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// The line in the file, from 1.
    public let line: Int
    /// What is wrong and what to write instead.
    public let reason: String

    /// Where and what, without the file's name.
    public var description: String { "line \(line): \(reason)" }
  }

  /// Returns the settings by name.
  ///
  /// - Throws: `Failure` for a line that is not a setting, and for a setting that occurs twice.
  public static func parse(_ text: String) throws(Failure) -> [String: String] {
    var settings: [String: String] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw Failure(line: index + 1, reason: "“\(line)” is no setting; write it like name = value")
      }
      guard settings.updateValue(parts[1], forKey: parts[0]) == nil else {
        throw Failure(line: index + 1, reason: "“\(parts[0])” is set twice; remove one of the two")
      }
    }
    return settings
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(String(drop(while: \.isWhitespace)).reversed().drop(while: \.isWhitespace).reversed())
  }
}
