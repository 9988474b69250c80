import Foundation
import Testing
import Vision

@Suite("Working in parallel, in order")
struct OrderedParallelTests {
  @Test("results come in the items' order, whichever is ready first", arguments: [1, 3, 8])
  func order(threads: Int) throws {
    var seen: [Int] = []
    try forEachInOrder(Array(0..<200), threads: threads, window: 5) { item in
      if item % 7 == 0 { usleep(500) }
      return item * 2
    } consume: { item, result in
      #expect(result == item * 2)
      seen.append(item)
    }
    #expect(seen == Array(0..<200))
  }

  @Test("no items are no work")
  func none() throws {
    try forEachInOrder([Int]()) {
      $0
    } consume: { _, _ in
      Issue.record("there is nothing to consume")
    }
  }

  @Test("workers stay within the window of what was consumed")
  func window() throws {
    let progress = Progress()
    try forEachInOrder(Array(0..<100), threads: 4, window: 3) { item in
      progress.begin()
    } consume: { item, ahead in
      #expect(ahead <= 3)
      progress.consumed()
    }
  }

  @Test("an error while consuming ends the work and is passed on")
  func failure() {
    struct Stop: Error {}
    let progress = Progress()
    #expect(throws: Stop.self) {
      try forEachInOrder(Array(0..<1000), threads: 2, window: 4) { _ in
        progress.begin()
      } consume: { item, _ in
        progress.consumed()
        if item == 10 { throw Stop() }
      }
    }
    #expect(progress.begun < 20)
  }

  /// Counts under a lock.
  private final class Progress: @unchecked Sendable {
    private let lock = NSLock()
    private var begunCount = 0
    private var consumedCount = 0

    /// How far ahead of the consumer this item is.
    func begin() -> Int {
      lock.withLock {
        begunCount += 1
        return begunCount - 1 - consumedCount
      }
    }
    func consumed() { lock.withLock { consumedCount += 1 } }
    var begun: Int { lock.withLock { begunCount } }
  }
}
