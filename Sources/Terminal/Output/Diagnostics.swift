import FoundationEssentials
internal import Glibc
internal import Posix

/// Messages on standard error, to the person who runs the program, with progress lines below them.
///
/// A message is one line. Control characters in it are escaped (see `displayable(_:)`).
public final class Diagnostics: Sendable {
  /// The program's standard error.
  public static let standard = Diagnostics(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment)

  /// Whether standard error is a terminal.
  public let isTerminal: Bool
  /// The style of messages.
  public let style: Style

  private let descriptor: Int32
  private let environment: [String: String]
  /// The progress lines that are on the terminal; usually none. Locked while anything is written.
  private let status = Guarded([String]())

  init(descriptor: Int32, environment: [String: String]) {
    self.descriptor = descriptor
    self.environment = environment
    isTerminal = isatty(descriptor) == 1
    style = Style(isTerminal: isTerminal, environment: environment)
  }

  /// Writes a note.
  public static func note(_ message: String) { standard.note(message) }

  /// Writes a warning: something may be wrong.
  public static func warn(_ message: String) { standard.warn(message) }

  /// Writes an error: something went wrong.
  public static func error(_ message: String) { standard.error(message) }

  /// Writes an error in a command line, with what to type instead.
  public static func error(_ usage: UsageError) { standard.error(usage) }

  /// Writes a note.
  public func note(_ message: String) { put(displayable(message)) }

  /// Writes a warning: something may be wrong.
  public func warn(_ message: String) { put(style.apply(.yellow, to: "warning:") + " " + displayable(message)) }

  /// Writes an error: something went wrong.
  public func error(_ message: String) { put(style.apply(.red, to: "error:") + " " + displayable(message)) }

  /// Writes an error in a command line, with what to type instead.
  public func error(_ usage: UsageError) {
    put(style.apply(.red, to: "error:") + " " + displayable(usage.message) + "\n" + usage.hint)
  }

  private func put(_ message: String) {
    withoutStatus { _ = write(message + "\n", to: descriptor) }
  }

  /// The columns of the terminal; 80 if they are unknown.
  var width: Int { terminalWidth(descriptor, environment: environment) ?? 80 }

  /// Whether progress lines can be drawn and drawn over.
  var drawsStatus: Bool { isTerminal && environment["TERM"] != "dumb" }

  /// Replaces the progress lines. An empty list removes them.
  func showStatus(_ lines: [String]) {
    guard drawsStatus else { return }
    status.withLock { status in
      let text =
        status.count == 1 && lines.count == 1
        ? "\r" + lines[0] + "\u{1B}[K" : Self.erasing(status) + lines.joined(separator: "\n")
      status = lines
      _ = write(text, to: descriptor)
    }
  }

  /// Removes the progress lines while `body` writes to the terminal, and draws them again afterwards.
  func withoutStatus<Result>(_ body: () -> Result) -> Result {
    status.withLock { status in
      if !status.isEmpty { _ = write(Self.erasing(status), to: descriptor) }
      defer { if !status.isEmpty { _ = write(status.joined(separator: "\n"), to: descriptor) } }
      return body()
    }
  }

  /// The escape sequence that removes lines, if the cursor is at the end of the last one.
  private static func erasing(_ lines: [String]) -> String {
    switch lines.count {
    case 0: ""
    case 1: "\r\u{1B}[K"
    default: "\r\u{1B}[\(lines.count - 1)A\u{1B}[J"
    }
  }
}
