import Foundation

/// Reads mongod's own log, one JSON object per line.
enum MongodLog {
  private struct Line: Decodable {
    struct Attributes: Decodable {
      let error: Reason?
    }
    let s: String
    let msg: String
    let attr: Attributes?
  }

  /// The cause of an error: a text, or an object that contains it.
  private struct Reason: Decodable {
    private enum Key: CodingKey {
      case errmsg
    }
    let text: String?

    init(from decoder: any Decoder) throws {
      text =
        (try? decoder.singleValueContainer().decode(String.self))
        ?? (try? decoder.container(keyedBy: Key.self).decode(String.self, forKey: .errmsg))
    }
  }

  /// The messages of severity error or fatal in the log from the byte `start` on, oldest first.
  static func failures(in path: String, after start: Int) -> [String] {
    guard let file = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? file.close() }
    try? file.seek(toOffset: UInt64(start))
    let text = (try? file.readToEnd()) ?? Data()
    return text.split(separator: UInt8(ascii: "\n")).compactMap { bytes in
      let line = try? JSONDecoder().decode(Line.self, from: bytes)
      guard let line, ["E", "F"].contains(line.s) else { return nil }
      return [line.msg, line.attr?.error?.text].compactMap(\.self).joined(separator: ": ")
    }
  }
}
