import FoundationEssentials
internal import Glibc
internal import Posix

/// Messages to the person who runs the program, on standard error, and the line that shows progress below them.
///
/// A message is one line: control characters in it are written out (see `displayable(_:)`).
public final class Diagnostics: Sendable {
  /// The program's standard error.
  public static let standard = Diagnostics(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment)

  /// Whether a person watches.
  public let isTerminal: Bool
  /// How messages stand out.
  public let style: Style

  private let descriptor: Int32
  private let environment: [String: String]
  /// The lines of progress on the terminal now; none as a rule. Held while anything is written.
  private let status = Guarded([String]())

  init(descriptor: Int32, environment: [String: String]) {
    self.descriptor = descriptor
    self.environment = environment
    isTerminal = isatty(descriptor) == 1
    style = Style(isTerminal: isTerminal, environment: environment)
  }

  /// Something worth knowing.
  public static func note(_ message: String) { standard.note(message) }

  /// Something that may be wrong.
  public static func warn(_ message: String) { standard.warn(message) }

  /// Something that went wrong.
  public static func error(_ message: String) { standard.error(message) }

  /// What to type instead.
  public static func error(_ usage: UsageError) { standard.error(usage) }

  /// Something worth knowing.
  public func note(_ message: String) { put(displayable(message)) }

  /// Something that may be wrong.
  public func warn(_ message: String) { put(style.apply(.yellow, to: "warning:") + " " + displayable(message)) }

  /// Something that went wrong.
  public func error(_ message: String) { put(style.apply(.red, to: "error:") + " " + displayable(message)) }

  /// What to type instead.
  public func error(_ usage: UsageError) {
    put(style.apply(.red, to: "error:") + " " + displayable(usage.message) + "\n" + usage.hint)
  }

  private func put(_ message: String) {
    withoutStatus { _ = write(message + "\n", to: descriptor) }
  }

  /// The columns of the terminal; 80 if it does not say.
  var width: Int { terminalWidth(descriptor, environment: environment) ?? 80 }

  /// Whether a line can be drawn over.
  var drawsStatus: Bool { isTerminal && environment["TERM"] != "dumb" }

  /// Puts lines of progress in the place of the last ones; none takes them away.
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

  /// Takes the lines of progress away for as long as something else is written to the terminal.
  func withoutStatus<Result>(_ body: () -> Result) -> Result {
    status.withLock { status in
      if !status.isEmpty { _ = write(Self.erasing(status), to: descriptor) }
      defer { if !status.isEmpty { _ = write(status.joined(separator: "\n"), to: descriptor) } }
      return body()
    }
  }

  /// What takes lines away, the cursor being at the end of the last one.
  private static func erasing(_ lines: [String]) -> String {
    switch lines.count {
    case 0: ""
    case 1: "\r\u{1B}[K"
    default: "\r\u{1B}[\(lines.count - 1)A\u{1B}[J"
    }
  }
}
