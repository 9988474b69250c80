import Foundation
import Live
import Store
import Terminal

/// The snapshots of a live view, with messages about their state.
struct LiveSnapshots {
  let keeper: SnapshotKeeper

  init(_ store: Store, days: Int?) {
    let losses = Losses()
    keeper = SnapshotKeeper(store, days: days) { losses.report($0) }
  }

  /// Waits up to ten seconds for snapshots that have not reached the database, and reports how many were kept.
  func close() {
    let state = keeper.close(timeout: 10)
    if state.kept > 0 { Diagnostics.note("\(Self.snapshots(state.kept)) kept") }
    if state.lost > 0 {
      Diagnostics.warn(
        "\(Self.snapshots(state.lost)) could not be kept, because the database was away or too slow; the events are "
          + "in the log all the same"
      )
    }
    if state.late > 0 {
      Diagnostics.warn("\(Self.snapshots(state.late)) not kept: the film is older than --snapshots keeps pictures")
    }
  }

  private static func snapshots(_ count: Int) -> String { "\(count) snapshot\(count == 1 ? "" : "s")" }

  /// Reports once when snapshots begin to be lost.
  ///
  /// `@unchecked Sendable`: it is only called on the keeper's thread.
  private final class Losses: @unchecked Sendable {
    private var lost = 0
    private var isLosing = false

    func report(_ state: SnapshotKeeper.State) {
      let isLosing = state.lost > lost
      if isLosing, !self.isLosing {
        Diagnostics.warn("snapshots are lost: \(state.failure ?? "the database is too slow")")
      }
      (lost, self.isLosing) = (state.lost, isLosing)
    }
  }
}
