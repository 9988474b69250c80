import Foundation
import Testing

@testable import Terminal

@Suite("A board of several lines")
struct StatusBoardTests {
  private func consoles(columns: UInt16 = 40) throws -> (
    terminal: PseudoTerminal, diagnostics: Diagnostics, output: Output
  ) {
    let terminal = try PseudoTerminal(columns: columns)
    let diagnostics = Diagnostics(descriptor: terminal.descriptor, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    return (
      terminal, diagnostics,
      Output(descriptor: terminal.descriptor, environment: ["TERM": "xterm"], diagnostics: diagnostics)
    )
  }

  @Test("stands below what else is written, with its last lines only")
  func below() throws {
    let (terminal, diagnostics, output) = try consoles()
    let board = StatusBoard(on: diagnostics)
    board.show(["door  25 a second", "  Ann  99 %", "  Bob  98 %"])
    try output.line("Ann arrived")
    board.show(["door  24 a second"])
    diagnostics.warn("the disk is nearly full")
    board.show(["door  25 a second", "  a name that is much too long for a terminal", "  Bob\nBobson"])
    withExtendedLifetime(board) {}
    let lines = screen(after: terminal.finish())
    #expect(
      lines == [
        "Ann arrived", "warning: the disk is nearly full", "door  25 a second",
        "  a name that is much too long for a t…",
        "  Bob\\nBobson",
      ])
  }

  @Test("is gone at the end, and does not come back")
  func end() throws {
    let (terminal, diagnostics, output) = try consoles()
    let board = StatusBoard(on: diagnostics)
    board.show(["one", "two"])
    board.finish()
    board.show(["three"])
    try output.line("done")
    #expect(screen(after: terminal.finish()) == ["done", ""])
  }

  @Test("lines from many threads do not mix")
  func threads() throws {
    let (terminal, diagnostics, output) = try consoles()
    let board = StatusBoard(on: diagnostics)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for number in 0..<20 {
        board.show((0...number % 4).map { "line \($0) of \(worker)" })
        if number % 10 == 0 { try? output.line("result \(worker) \(number)") }
      }
    }
    board.finish()
    let expected = (0..<8).flatMap { worker in [0, 10].map { "result \(worker) \($0)" } }
    #expect(screen(after: terminal.finish()).filter { !$0.isEmpty }.sorted() == expected.sorted())
  }
}
