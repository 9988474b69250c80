public import Foundation

/// Processes many items on several threads and passes on the results in the items' order, on the calling thread.
///
/// Workers are never more than `window` items ahead. This bounds memory, whatever one item costs.
///
/// - Parameters:
///   - items: The items to process.
///   - threads: The number of worker threads, at least one.
///   - window: The number of results that may wait for an earlier one.
///   - work: Runs on a worker thread.
///   - consume: Runs on the calling thread, in order. If it throws, no further item is started and the error is passed
///     on.
public func forEachInOrder<Item: Sendable, Result: Sendable>(
  _ items: [Item], threads: Int = ProcessInfo.processInfo.activeProcessorCount, window: Int = 4,
  work: @escaping @Sendable (Item) -> Result, consume: (Item, Result) throws -> Void
) throws {
  let line = AssemblyLine<Result>(count: items.count, window: max(1, window))
  let workers = (0..<min(max(1, threads), items.count)).map { _ in
    let thread = Thread {
      while let index = line.begin() { line.finish(index, work(items[index])) }
      line.leave()
    }
    // Decoders of large pictures use more stack than a thread has by default.
    thread.stackSize = 8 << 20
    return thread
  }
  line.enter(workers.count)
  for worker in workers { worker.start() }
  defer { line.stop() }
  for (index, item) in items.enumerated() { try consume(item, line.take(index)) }
}

/// Processes the items of one batch on all processors and returns the results in the items' order.
public func mapInParallel<Item: Sendable, Result: Sendable>(
  _ items: [Item], _ work: @Sendable (Item) -> Result
) -> [Result] {
  guard items.count > 1 else { return items.map(work) }
  let results = Slots<Result>(count: items.count)
  DispatchQueue.concurrentPerform(iterations: items.count) { results.fill($0, work(items[$0])) }
  return results.all
}

/// A place for the result of each item.
///
/// `@unchecked Sendable`: the values are read and written under the lock.
private final class Slots<Element>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Element?]

  init(count: Int) {
    values = Array(repeating: nil, count: count)
  }

  func fill(_ index: Int, _ value: Element) { lock.withLock { values[index] = value } }
  var all: [Element] { lock.withLock { values.compactMap { $0 } } }
}

/// Assigns indices to workers and collects their results.
///
/// `@unchecked Sendable`: every property is read and written with the condition locked.
private final class AssemblyLine<Result>: @unchecked Sendable {
  private let condition = NSCondition()
  private let count: Int
  private let window: Int
  private var next = 0
  private var taken = 0
  private var workers = 0
  private var stopped = false
  private var results: [Int: Result] = [:]

  init(count: Int, window: Int) {
    self.count = count
    self.window = window
  }

  func enter(_ count: Int) { condition.withLock { workers += count } }

  func leave() {
    condition.withLock {
      workers -= 1
      condition.broadcast()
    }
  }

  /// Waits until there is room for a result and returns the index of the next item; nil if no items are left.
  func begin() -> Int? {
    condition.withLock {
      while !stopped, next < count, next >= taken + window { condition.wait() }
      guard !stopped, next < count else { return nil }
      defer { next += 1 }
      return next
    }
  }

  func finish(_ index: Int, _ result: Result) {
    condition.withLock {
      results[index] = result
      condition.broadcast()
    }
  }

  /// Waits for the result of an item.
  func take(_ index: Int) -> Result {
    condition.withLock {
      while true {
        if let result = results.removeValue(forKey: index) {
          taken = index + 1
          condition.broadcast()
          return result
        }
        condition.wait()
      }
    }
  }

  /// Ends the workers and waits until they have ended.
  func stop() {
    condition.withLock {
      stopped = true
      condition.broadcast()
      while workers > 0 { condition.wait() }
    }
  }
}
