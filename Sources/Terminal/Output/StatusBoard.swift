internal import Posix

/// Shows on a terminal how things stand, in as many lines as it takes; does nothing elsewhere.
///
/// May be used from any thread. The lines go away with `finish()`, or with the board.
public final class StatusBoard: Sendable {
  private let diagnostics: Diagnostics
  /// Whether it is over.
  private let isFinished = Guarded(false)

  /// Whether anybody sees it.
  public var isShown: Bool { diagnostics.drawsStatus }

  /// A board without lines.
  public init(on diagnostics: Diagnostics = .standard) {
    self.diagnostics = diagnostics
  }

  deinit { finish() }

  /// Puts lines in the place of the last ones. What is too long for the terminal is cut off; control characters are
  /// written out.
  public func show(_ lines: [String]) {
    guard isShown else { return }
    isFinished.withLock { isFinished in
      guard !isFinished else { return }
      // One column less, because some terminals wrap when the last one is written.
      diagnostics.showStatus(lines.map { displayable($0).shortened(to: diagnostics.width - 1) })
    }
  }

  /// Takes the lines away.
  public func finish() {
    isFinished.withLock { isFinished in
      guard !isFinished else { return }
      isFinished = true
      diagnostics.showStatus([])
    }
  }
}
