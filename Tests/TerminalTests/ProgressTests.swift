import Foundation
import Posix
import Testing

@testable import Terminal

@Suite("Progress")
struct ProgressTests {
  private func line(done: Int, total: Int?, label: String = "") -> ProgressLine {
    var line = ProgressLine(title: "Reading photos", total: total)
    line.measure(at: 0)
    line.done = done
    line.label = label
    line.measure(at: 4)
    return line
  }

  @Test("a line shows what is done, how fast, how long it takes and what is worked on")
  func whole() {
    #expect(
      line(done: 100, total: 400, label: "Ann/0001.jpg").text(width: 100)
        == "Reading photos  [#####---------------]  100/400  25/s  0:12 left  Ann/0001.jpg")
    #expect(line(done: 2, total: 40_000).text(width: 100).hasSuffix("  2/40000  0.5/s  22:13:16 left"))
    #expect(line(done: 20, total: 20).text(width: 100) == "Reading photos  [####################]  20/20  5.0/s")
  }

  @Test("without a total there is neither a bar nor an end")
  func endless() {
    #expect(line(done: 100, total: nil, label: "a.jpg").text(width: 60) == "Reading photos  100  25/s  a.jpg")
  }

  @Test("without a rate there is no time left")
  func nothingDone() {
    #expect(line(done: 0, total: 4).text(width: 80) == "Reading photos  [--------------------]  0/4  0.0/s")
    #expect(line(done: 0, total: 0).text(width: 80) == "Reading photos  0/0  0.0/s")
    #expect(ProgressLine(title: "Reading", total: 9).text(width: 80) == "Reading  [--------------------]  0/9")
  }

  @Test("more than the total is a full bar")
  func tooMuch() {
    #expect(line(done: 8, total: 4).text(width: 80).contains("[####################]  8/4"))
  }

  @Test("a name is shortened at its beginning, and shown without its control characters")
  func labels() {
    let line = line(done: 100, total: 400, label: "photos/somebody/山\n.jpg").text(width: 75)
    #expect(line == "Reading photos  [#####---------------]  100/400  25/s  0:12 left  …山\\n.jpg")
  }

  @Test("a line always fits, and leaves out first what matters least", arguments: 0...120)
  func fitting(width: Int) {
    let line = line(done: 100, total: 400, label: String(repeating: "山田", count: 30)).text(width: width)
    #expect(line.columns <= width)
    if width >= 23 { #expect(line.contains("100/400")) }
    if width >= 34 { #expect(line.contains("left")) }
  }

  @Test("what was done lately counts most for the time left")
  func rate() {
    var line = ProgressLine(title: "", total: 10_000)
    line.measure(at: 0)
    line.done = 5000
    line.measure(at: 1)
    #expect(line.rate == 5000)
    for second in 2...60 {
      line.done += 10
      line.measure(at: Double(second))
    }
    #expect((10.0..<25).contains(line.rate ?? 0))
  }

  @Test("no moment passes twice")
  func sameMoment() {
    var line = ProgressLine(title: "", total: 10)
    line.measure(at: 1)
    line.done = 5
    line.measure(at: 1)
    #expect(line.rate == nil)
  }

  @Test("on a terminal the line is drawn at most ten times a second, and is gone at the end")
  func drawing() throws {
    let terminal = try PseudoTerminal(columns: 60)
    let diagnostics = Diagnostics(descriptor: terminal.descriptor, environment: ["TERM": "xterm"])
    let now = Guarded(0.0)
    do {
      let bar = ProgressBar("Reading", total: 1000, on: diagnostics) { now.withLock { $0 } }
      for number in 1...1000 {
        now.withLock { $0 += 0.001 }
        bar.advance(at: "photo \(number)")
      }
    }
    let written = terminal.finish()
    let drawings = written.split(separator: "\r").filter { $0.contains("/1000") }
    #expect((9...11).contains(drawings.count))
    #expect(drawings.allSatisfy { String($0).replacing("\u{1B}[K", with: "").columns < 60 })
    #expect(screen(after: written) == [""])
  }

  @Test("messages from many threads stand above the line, each on a line of its own")
  func messages() throws {
    let terminal = try PseudoTerminal(columns: 40)
    let diagnostics = Diagnostics(descriptor: terminal.descriptor, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    let output = Output(descriptor: terminal.descriptor, environment: ["TERM": "xterm"], diagnostics: diagnostics)
    let now = Guarded(0.0)
    let bar = ProgressBar("Reading", total: 400, on: diagnostics) {
      now.withLock {
        $0 += 1
        return $0
      }
    }
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for number in 0..<50 {
        bar.advance(at: "photo")
        if number % 10 == 0 { diagnostics.note("note \(worker)\n\(number)") }
        if number % 25 == 0 { diagnostics.warn("warning \(worker)") }
        if number % 25 == 1 { try? output.line("result \(worker)") }
      }
    }
    let stillThere = bar
    stillThere.finish()
    bar.advance()
    let lines = screen(after: terminal.finish())
    let expected = (0..<8).flatMap { worker in
      (0..<5).map { "note \(worker)\\n\($0 * 10)" }
        + Array(repeating: "warning: warning \(worker)", count: 2) + Array(repeating: "result \(worker)", count: 2)
    }
    #expect(lines.last == "")
    #expect(lines.dropLast().sorted() == expected.sorted())
  }

  @Test("nothing is drawn where nobody watches")
  func noTerminal() throws {
    let pipe = Pipe()
    let diagnostics = Diagnostics(descriptor: pipe.fileHandleForWriting.fileDescriptor, environment: ["TERM": "xterm"])
    let bar = ProgressBar("Reading", total: 10, on: diagnostics)
    for _ in 0..<10 { bar.advance(at: "photo") }
    diagnostics.note("done")
    bar.finish()
    try pipe.fileHandleForWriting.close()
    #expect(try pipe.fileHandleForReading.readToEnd() == Data("done\n".utf8))
  }

  @Test("a terminal that cannot draw over a line is given none")
  func dumbTerminal() throws {
    let terminal = try PseudoTerminal(columns: 60)
    let diagnostics = Diagnostics(descriptor: terminal.descriptor, environment: ["TERM": "dumb"])
    ProgressBar("Reading", total: 10, on: diagnostics).finish()
    diagnostics.warn("careful")
    #expect(terminal.finish() == "warning: careful\r\n")
  }
}
