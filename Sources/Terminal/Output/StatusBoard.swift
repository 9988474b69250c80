internal import Posix

/// A board of status lines on a terminal. Without a terminal it draws nothing.
///
/// It may be used from any thread. `finish()` removes the lines, and so does releasing the board.
public final class StatusBoard: Sendable {
  private let diagnostics: Diagnostics
  /// Whether the board is finished.
  private let isFinished = Guarded(false)

  /// Whether the lines are shown on a terminal.
  public var isShown: Bool { diagnostics.drawsStatus }

  /// A board without lines.
  public init(on diagnostics: Diagnostics = .standard) {
    self.diagnostics = diagnostics
  }

  deinit { finish() }

  /// Replaces the lines. A line that is too long for the terminal is cut off. Control characters are escaped.
  public func show(_ lines: [String]) {
    guard isShown else { return }
    isFinished.withLock { isFinished in
      guard !isFinished else { return }
      // One column less, because some terminals wrap when the last one is written.
      diagnostics.showStatus(lines.map { displayable($0).shortened(to: diagnostics.width - 1) })
    }
  }

  /// Removes the lines.
  public func finish() {
    isFinished.withLock { isFinished in
      guard !isFinished else { return }
      isFinished = true
      diagnostics.showStatus([])
    }
  }
}
