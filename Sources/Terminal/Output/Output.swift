import Foundation
internal import Glibc

/// An error when results are written.
public struct OutputError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The kind of failure.
  public enum Code: Sendable {
    /// The reader has closed its end, as `head` does when it has read enough. This needs no message.
    case closed
    /// Another failure, such as a full disk.
    case failed
  }

  /// The kind of failure.
  public let code: Code
  /// What went wrong, in words.
  public let description: String

  /// The exit status of the program: 0 if the reader had read enough, otherwise 1.
  public var exitStatus: Int32 { code == .closed ? 0 : 1 }
}

/// Standard output, for the results of a program.
///
/// ```swift
/// try Output.standard.line("3 photos enrolled")
/// ```
///
/// Every call writes at once, so that a program that reads the output gets each line immediately. Calls from several
/// threads do not mix.
public final class Output: Sendable {
  /// The program's standard output.
  public static let standard = Output(
    descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment, diagnostics: .standard)

  /// Whether standard output is a terminal.
  public let isTerminal: Bool
  /// The style of headings.
  public let style: Style
  /// The columns of the terminal; nil if the output is not a terminal, or if they are unknown.
  public var width: Int? { isTerminal ? terminalWidth(descriptor, environment: environment) : nil }

  /// The columns for help texts: from `COLUMNS` or the terminal, otherwise 80.
  public var helpWidth: Int { terminalWidth(descriptor, environment: environment) ?? 80 }

  private let descriptor: Int32
  private let environment: [String: String]
  private let diagnostics: Diagnostics
  // An `NSLock`, not a `Guarded<Void>`: ThreadSanitizer reports writing the empty value as writing the memory beside
  // it.
  private let turn = NSLock()

  init(descriptor: Int32, environment: [String: String], diagnostics: Diagnostics) {
    self.descriptor = descriptor
    self.environment = environment
    self.diagnostics = diagnostics
    isTerminal = isatty(descriptor) == 1
    style = Style(isTerminal: isTerminal, environment: environment)
    // Writing to a pipe without a reader must be an error of this write, and must not end the process.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes a line with its line end.
  ///
  /// - Throws: `OutputError`.
  public func line(_ text: String) throws(OutputError) { try write(text + "\n") }

  /// Writes a text unchanged.
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
