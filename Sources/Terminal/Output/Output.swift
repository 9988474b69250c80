import Foundation
internal import Glibc

/// Results that could not be written.
public struct OutputError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What went wrong, for programs.
  public enum Code: Sendable {
    /// The reader has gone, as `head` does when it has seen enough. Nothing to complain about.
    case closed
    /// The disk is full, or the like.
    case failed
  }

  /// What went wrong.
  public let code: Code
  /// The same in words.
  public let description: String

  /// What the program exits with: 0 when the reader had enough, else 1.
  public var exitStatus: Int32 { code == .closed ? 0 : 1 }
}

/// Where results go: standard output.
///
/// Every call writes at once, so that a program that reads along sees each line as it comes. Calls from several threads
/// do not mix.
public final class Output: Sendable {
  /// The program's standard output.
  public static let standard = Output(
    descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment, diagnostics: .standard)

  /// Whether a person reads.
  public let isTerminal: Bool
  /// How headings stand out.
  public let style: Style
  /// The columns of the terminal; nil if it is none, or does not say.
  public var width: Int? { isTerminal ? terminalWidth(descriptor, environment: environment) : nil }

  /// The columns to write help texts for: what `COLUMNS` or the terminal says, else 80.
  public var helpWidth: Int { terminalWidth(descriptor, environment: environment) ?? 80 }

  private let descriptor: Int32
  private let environment: [String: String]
  private let diagnostics: Diagnostics
  // Not a Guarded nothing: ThreadSanitizer takes writing that for writing what lies beside it.
  private let turn = NSLock()

  init(descriptor: Int32, environment: [String: String], diagnostics: Diagnostics) {
    self.descriptor = descriptor
    self.environment = environment
    self.diagnostics = diagnostics
    isTerminal = isatty(descriptor) == 1
    style = Style(isTerminal: isTerminal, environment: environment)
    // A pipe without a reader shall be an error of this write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes a line and its end.
  ///
  /// - Throws: `OutputError`.
  public func line(_ text: String) throws(OutputError) { try write(text + "\n") }

  /// Writes a text as it is.
  ///
  /// - Throws: `OutputError`.
  public func write(_ text: String) throws(OutputError) {
    let error = turn.withLock {
      // The progress line may be on the same terminal.
      isTerminal
        ? diagnostics.withoutStatus { Terminal.write(text, to: descriptor) } : Terminal.write(text, to: descriptor)
    }
    switch error {
    case 0: return
    case EPIPE: throw OutputError(code: .closed, description: "nobody reads the output any more")
    default:
      throw OutputError(code: .failed, description: "could not write the output: \(String(cString: strerror(error)))")
    }
  }
}
