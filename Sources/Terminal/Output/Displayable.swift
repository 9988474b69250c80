/// Escapes the characters of a text that would change the terminal.
///
/// File names are chosen by strangers. A line end in a name would forge a line of output, an escape sequence would move
/// the cursor, and a change of the writing direction would reverse the name. Such characters are written as escapes,
/// such as `\n` and `\u{1b}`.
public func displayable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
  var safe = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": safe += "\\n"
    case "\r": safe += "\\r"
    case "\t": safe += "\\t"
    case _ where isUnsafe(scalar): safe += "\\u{\(String(scalar.value, radix: 16))}"
    default: safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}": true
  // Marks, embeddings, overrides and isolates of the writing direction.
  case "\u{61C}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": true
  default: false
  }
}

extension Character {
  /// The columns that the character takes on a terminal: 0, 1 or 2.
  var columns: Int {
    // The scalars after the first one modify a character. A variation selector (U+FE0F) asks for an emoji, which is
    // wide.
    unicodeScalars.contains("\u{FE0F}") ? 2 : unicodeScalars.map(\.columns).max() ?? 0
  }
}

extension Unicode.Scalar {
  fileprivate var columns: Int {
    if value < 0x300 { return isUnsafe(self) ? 0 : 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return isWide || properties.isEmojiPresentation ? 2 : 1
    }
  }

  /// East Asian wide and full-width characters, by Unicode's blocks.
  private var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18D8F,
      0x1AFF0...0x1B2FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}

extension String {
  /// The columns that the text takes on a terminal.
  var columns: Int { reduce(0) { $0 + $1.columns } }

  /// The part of a text that is kept when it is shortened.
  enum Kept {
    case start
    case end
  }

  /// The text in at most `limit` columns, with `…` for what is left out.
  func shortened(to limit: Int, keeping kept: Kept = .start) -> String {
    guard columns > limit else { return self }
    guard limit > 0 else { return "" }
    var room = limit - 1
    let fits: (Character) -> Bool = { character in
      room -= character.columns
      return room >= 0
    }
    switch kept {
    case .start: return String(prefix(while: fits)) + "…"
    case .end: return "…" + String(String(reversed().prefix(while: fits)).reversed())
    }
  }

  /// The text with blanks added up to `width` columns.
  func padded(to width: Int, right: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - columns))
    return right ? blanks + self : self + blanks
  }

  /// The text in lines of at most `width` columns, broken at blanks; a longer word has a line of its own. Line ends are
  /// kept.
  func wrapped(to width: Int) -> [String] {
    split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      var lines: [String] = [""]
      for word in paragraph.split(separator: " ") {
        let last = lines[lines.count - 1]
        if last.isEmpty {
          lines[lines.count - 1] = String(word)
        } else if last.columns + 1 + String(word).columns <= width {
          lines[lines.count - 1] += " " + word
        } else {
          lines.append(String(word))
        }
      }
      return lines
    }
  }
}
