import Foundation
import Posix
import Glibc

@testable import Terminal

/// A real terminal device, with somebody reading at its other end.
final class PseudoTerminal: Sendable {
  struct Unavailable: Error {}

  /// The end that a program writes to.
  let descriptor: Int32
  private let end: Int32
  private let received = Guarded<[UInt8]>([])
  private let ended = DispatchSemaphore(value: 0)

  init(columns: UInt16) throws {
    end = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var number: Int32 = 0
    var lock: Int32 = 0
    // TIOCGPTN and TIOCSPTLCK, which Swift's importer does not see: which terminal it is, and that it may be opened.
    guard end >= 0, ioctl(end, 0x8004_5430, &number) == 0, ioctl(end, 0x4004_5431, &lock) == 0 else {
      throw Unavailable()
    }
    descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    guard descriptor >= 0 else { throw Unavailable() }
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0 else { throw Unavailable() }
    Thread { self.receive() }.start()
  }

  private func receive() {
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      // Ends with an error when the last writer has closed the terminal.
      let count = read(end, &piece, piece.count)
      guard count > 0 else { break }
      received.withLock { $0 += piece[..<count] }
    }
    close(end)
    ended.signal()
  }

  /// Hangs up; gives all that was written.
  func finish() -> String {
    close(descriptor)
    ended.wait()
    return received.withLock { String(decoding: $0, as: UTF8.self) }
  }
}

/// What a person sees after a terminal was written to: lines, carriage returns, "erase to the end of the line", "up"
/// and "erase all below".
func screen(after written: String) -> [String] {
  var lines: [[Character]] = [[]]
  var (row, column) = (0, 0)
  // To Swift, the CR LF that the terminal makes of a line end is one character.
  var text = written.replacing("\r\n", with: "\n").replacing("\u{1B}[K", with: "\u{0}").replacing(
    "\u{1B}[J", with: "\u{1}")
  text = text.replacing(#/\x1B\[([0-9]+)A/#) { String(repeating: "\u{2}", count: Int($0.1) ?? 0) }
  for character in text {
    switch character {
    case "\n":
      row += 1
      column = 0
      if row == lines.count { lines.append([]) }
    case "\r": column = 0
    case "\u{0}": lines[row].removeSubrange(min(column, lines[row].count)...)
    case "\u{1}":
      lines[row].removeSubrange(min(column, lines[row].count)...)
      lines.removeSubrange((row + 1)...)
    case "\u{2}": row -= 1
    default:
      if column < lines[row].count {
        lines[row][column] = character
      } else {
        lines[row].append(character)
      }
      column += 1
    }
  }
  return lines.map { String($0) }
}
