/// The target of a request: the part of its first line between the method and the version.
struct Target {
  /// The part before the question mark, with its escapes.
  let path: String
  /// The parts of the path between slashes, without escapes; empty for "/". An escaped slash is part of its segment.
  let segments: [String]
  /// The names and values after the question mark, without escapes.
  let query: [(name: String, value: String)]

  /// Parses a target. Returns nil for what no honest client sends: invalid escapes, invalid UTF-8, control characters,
  /// and "." or ".." as a segment.
  init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts.first ?? "")
    if path == "*" {
      (segments, query) = ([], [])
      return
    }
    guard path.utf8.first == UInt8(ascii: "/") else { return nil }
    var segments: [String] = []
    if path != "/" {
      for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
        guard let segment = Self.decoded(part), segment != ".", segment != "..",
          !segment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else { return nil }
        segments.append(segment)
      }
    }
    self.segments = segments
    var query: [(name: String, value: String)] = []
    if parts.count == 2 {
      for part in parts[1].split(separator: "&") {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Self.decoded(sides[0], form: true),
          let value = sides.count == 2 ? Self.decoded(sides[1], form: true) : "", !name.utf8.contains(0),
          !value.utf8.contains(0)
        else { return nil }
        query.append((name: name, value: value))
      }
    }
    self.query = query
  }

  /// Decodes percent escapes, and in a `form` also plus signs as blanks. Returns nil if an escape is invalid or the
  /// result is not UTF-8.
  static func decoded(_ text: some StringProtocol, form: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      } else {
        bytes.append(form && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
