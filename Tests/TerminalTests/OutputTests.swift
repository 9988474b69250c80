import Foundation
import Glibc
import Testing

@testable import Terminal

@Suite("Output and messages")
struct OutputTests {
  private func output(_ descriptor: Int32) -> Output {
    Output(descriptor: descriptor, environment: [:], diagnostics: Diagnostics(descriptor: descriptor, environment: [:]))
  }

  @Test("lines written to a pipe arrive whole, from many threads too")
  func pipe() throws {
    let pipe = Pipe()
    let output = output(pipe.fileHandleForWriting.fileDescriptor)
    #expect(!output.isTerminal)
    #expect(output.width == nil)
    #expect(output.helpWidth == 80)
    let long = String(repeating: "é", count: 50_000)
    Thread {
      DispatchQueue.concurrentPerform(iterations: 8) { worker in
        try? output.line("\(worker)\(long)")
      }
      try? pipe.fileHandleForWriting.close()
    }.start()
    let read = try #require(try pipe.fileHandleForReading.readToEnd())
    let lines = String(decoding: read, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.sorted() == (0..<8).map { "\($0)\(long)" })
  }

  @Test("a reader that has gone is no failure")
  func closedPipe() throws {
    let pipe = Pipe()
    let output = output(pipe.fileHandleForWriting.fileDescriptor)
    try output.line("one")
    try pipe.fileHandleForReading.close()
    let error = #expect(throws: OutputError.self) { try output.line("two") }
    #expect(error?.code == .closed)
    #expect(error?.exitStatus == 0)
  }

  @Test("a full disk is a failure, in words")
  func fullDisk() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let error = #expect(throws: OutputError.self) { try output(full).line("result") }
    #expect(error?.code == .failed)
    #expect(error?.description == "could not write the output: No space left on device")
    #expect(error?.exitStatus == 1)
  }

  @Test("a pipe that does not block is waited for")
  func nonBlocking() throws {
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
    let output = output(descriptor)
    let long = String(repeating: "x", count: 300_000)
    Thread {
      try? output.line(long)
      try? pipe.fileHandleForWriting.close()
    }.start()
    #expect(try pipe.fileHandleForReading.readToEnd() == Data((long + "\n").utf8))
  }

  @Test("messages have a name for what they are, in colour on a terminal, and stay one line")
  func messages() throws {
    let terminal = try PseudoTerminal(columns: 80)
    let diagnostics = Diagnostics(descriptor: terminal.descriptor, environment: ["TERM": "xterm"])
    diagnostics.note("see\n\u{1B}[2J")
    diagnostics.warn("odd")
    diagnostics.error("bad\r")
    diagnostics.error(UsageError("rollcall has no verb “x\n”", verb: "rollcall"))
    #expect(
      terminal.finish() == """
        see\\n\\u{1b}[2J\r
        \u{1B}[33mwarning:\u{1B}[0m odd\r
        \u{1B}[31merror:\u{1B}[0m bad\\r\r
        \u{1B}[31merror:\u{1B}[0m rollcall has no verb “x\\n”\r
        Try: rollcall --help\r

        """)
  }

  @Test("the width is COLUMNS, or what the terminal has")
  func widths() throws {
    let terminal = try PseudoTerminal(columns: 133)
    let diagnostics = Diagnostics(descriptor: terminal.descriptor, environment: [:])
    #expect(Output(descriptor: terminal.descriptor, environment: [:], diagnostics: diagnostics).width == 133)
    let narrow = Output(descriptor: terminal.descriptor, environment: ["COLUMNS": "61"], diagnostics: diagnostics)
    #expect(narrow.width == 61)
    #expect(narrow.helpWidth == 61)
    #expect(terminal.finish() == "")
  }
}
