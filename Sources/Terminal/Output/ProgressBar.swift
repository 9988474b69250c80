internal import Posix

/// A progress bar on a terminal. Without a terminal it draws nothing.
///
/// ```swift
/// let bar = ProgressBar("Reading photos", total: files.count)
/// for file in files { bar.advance(at: file) }
/// bar.finish()
/// ```
///
/// It may be advanced from any thread. `finish()` removes the line, and so does releasing the bar.
public final class ProgressBar: Sendable {
  /// Seconds between two drawings.
  private static let pause = 0.1

  private struct State {
    var line: ProgressLine
    var drawn = -Double.infinity
    var finished = false
  }

  private let diagnostics: Diagnostics
  private let clock: @Sendable () -> Double
  private let state: Guarded<State>

  /// Draws the line for the first time.
  ///
  /// - Parameters:
  ///   - title: The work, such as "Reading photos".
  ///   - total: The number of items; nil if it is unknown.
  public convenience init(_ title: String, total: Int?, on diagnostics: Diagnostics = .standard) {
    let start = ContinuousClock.now
    self.init(title, total: total, on: diagnostics) { (ContinuousClock.now - start) / .seconds(1) }
  }

  init(_ title: String, total: Int?, on diagnostics: Diagnostics, clock: @escaping @Sendable () -> Double) {
    self.diagnostics = diagnostics
    self.clock = clock
    state = Guarded(State(line: ProgressLine(title: title, total: total)))
    advance(by: 0)
  }

  deinit { finish() }

  /// Adds to the number of items that are done.
  ///
  /// - Parameter label: The item in progress, such as a file's name; nil keeps the last label.
  public func advance(by count: Int = 1, at label: String? = nil) {
    guard diagnostics.drawsStatus else { return }
    state.withLock { state in
      guard !state.finished else { return }
      state.line.done += count
      if let label { state.line.label = label }
      let now = clock()
      guard now - state.drawn >= Self.pause else { return }
      state.drawn = now
      state.line.measure(at: now)
      // One column less, because some terminals wrap when the last one is written.
      diagnostics.showStatus([state.line.text(width: diagnostics.width - 1)])
    }
  }

  /// Removes the line.
  public func finish() {
    state.withLock { state in
      guard !state.finished else { return }
      state.finished = true
      diagnostics.showStatus([])
    }
  }
}

/// The progress of a work, as one line of text.
struct ProgressLine {
  /// Seconds over which the rate is averaged.
  private static let memory = 10.0
  private static let barColumns = 20

  let title: String
  let total: Int?
  var done = 0
  var label = ""

  /// Items per second; nil until there are two measurements.
  private(set) var rate: Double?
  private var last: (time: Double, done: Int)?

  init(title: String, total: Int?) {
    self.title = title
    self.total = total
  }

  /// Updates the rate. Recent items count most, because files that a resumed run skips say nothing about the others.
  mutating func measure(at now: Double) {
    defer { last = (now, done) }
    guard let last, now > last.time else { return }
    let latest = Double(done - last.done) / (now - last.time)
    guard let rate else {
      self.rate = latest
      return
    }
    let weight = min(1, (now - last.time) / Self.memory)
    self.rate = rate + weight * (latest - rate)
  }

  /// One line of at most `width` columns. If the line is too long, parts are left out in this order: the label, the
  /// bar, the rate, the time left.
  func text(width: Int) -> String {
    let count = total.map { "\(done)/\($0)" } ?? "\(done)"
    var room = width - displayable(title).columns - 2 - count.columns
    func fitting(_ part: String?) -> String? {
      guard let part, part.columns + 2 <= room else { return nil }
      room -= part.columns + 2
      return part
    }
    let left = fitting(timeLeft)
    let speed = fitting(rate.map { ($0 < 9.95 ? Self.tenths($0) : String(Int($0.rounded()))) + "/s" })
    let bar = fitting(bar)
    // A few characters of a name carry no information.
    let name = room >= 10 ? displayable(label).shortened(to: room - 2, keeping: .end) : ""
    return [displayable(title), bar, count, speed, left, name].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: "  ").shortened(to: width)
  }

  private var bar: String? {
    guard let total, total > 0 else { return nil }
    let full = min(Self.barColumns, max(0, Self.barColumns * done / total))
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: Self.barColumns - full) + "]"
  }

  private var timeLeft: String? {
    guard let total, let rate, rate > 0, done < total else { return nil }
    let exact = Double(total - done) / rate
    // Nobody waits for a hundred hours, so no time is shown.
    guard exact < 360_000 else { return nil }
    let seconds = Int(exact.rounded(.up))
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    let clock = hours > 0 ? "\(hours):\(Self.two(minutes))" : "\(minutes)"
    return "\(clock):\(Self.two(seconds % 60)) left"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func tenths(_ number: Double) -> String { String((number * 10).rounded() / 10) }
}
