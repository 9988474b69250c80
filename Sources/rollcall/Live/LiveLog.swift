import Attendance
import Live
import Foundation
import Store
import Terminal

/// The spool of a live view or a server, with messages about its state.
final class LiveLog: Sendable {
  let keeper: EventKeeper
  private let spool: Spool

  init(_ dataFolder: URL, _ store: Store) throws {
    let failure = LastFailure()
    spool = try Spool(dataFolder: dataFolder, store: store) { failure.report($0) }
    keeper = EventKeeper(spool) { Diagnostics.warn($0) }
  }

  /// Waits up to ten seconds for events that have not reached the database.
  func close() {
    let state = spool.close(timeout: 10)
    if state.waiting > 0 {
      Diagnostics.warn(
        "\(state.waiting) event\(state.waiting == 1 ? "" : "s") could not be brought to the database yet; "
          + "they are on this machine's disk, and the next rollcall live or rollcall attendance brings them there"
      )
    }
  }

  /// Reports once when the database cannot be reached, and once when it can be reached again.
  ///
  /// `@unchecked Sendable`: it is only called on the spool's thread.
  private final class LastFailure: @unchecked Sendable {
    private var isFailing = false
    private var refused = 0

    func report(_ state: Spool.State) {
      if let failure = state.failure, !isFailing {
        Diagnostics.warn("events wait on this machine's disk: \(failure)")
      } else if state.failure == nil, isFailing {
        Diagnostics.note("events reach the database again")
      }
      isFailing = state.failure != nil
      if state.refused > refused, let refusal = state.refusal {
        Diagnostics.error("the database refuses events: \(refusal)")
      }
      refused = state.refused
    }
  }
}
