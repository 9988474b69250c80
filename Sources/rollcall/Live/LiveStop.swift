import Dispatch
import Foundation

/// Stops a live view after a signal or a duration. The second signal ends the process immediately.
///
/// `@unchecked Sendable`: it is immutable, and Dispatch sources can be used from any thread.
final class LiveStop: @unchecked Sendable {
  private let sources: [any DispatchSourceSignal]
  private let stop: @Sendable () -> Void

  init(_ stop: @escaping @Sendable () -> Void) {
    self.stop = stop
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        signal(number, SIG_DFL)
        stop()
      }
      source.resume()
      return source
    }
  }

  func after(_ seconds: Double) {
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: stop)
  }

  func cancel() {
    for source in sources { source.cancel() }
  }
}
