import Foundation

/// A few threads that may block, with a queue of limited length.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked.
final class WorkerPool: @unchecked Sendable {
  private let condition = NSCondition()
  private let limit: Int
  private var jobs: [@Sendable () -> Void] = []
  private var isStopped = false

  init(threads: Int, queue limit: Int) {
    self.limit = limit
    for _ in 0..<threads {
      let thread = Thread { [self] in work() }
      thread.name = "http-worker"
      thread.start()
    }
  }

  /// The number of jobs that wait for a thread.
  var waiting: Int { condition.withLock { jobs.count } }

  /// Adds a job to the queue.
  ///
  /// - Returns: Whether the job was added. False if the queue is full or the pool has stopped.
  func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
    condition.withLock {
      guard !isStopped, jobs.count < limit else { return false }
      jobs.append(job)
      condition.signal()
      return true
    }
  }

  /// Stops the pool. Running jobs are finished; waiting jobs are dropped.
  func stop() {
    condition.withLock {
      isStopped = true
      jobs = []
      condition.broadcast()
    }
  }

  private func work() {
    while true {
      let job = condition.withLock { () -> (@Sendable () -> Void)? in
        while jobs.isEmpty, !isStopped { condition.wait() }
        return isStopped ? nil : jobs.removeFirst()
      }
      guard let job else { return }
      job()
    }
  }
}
