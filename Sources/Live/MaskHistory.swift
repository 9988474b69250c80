import Foundation
import Values

/// What covers a face over time: a label that does not jump with single pictures.
struct MaskHistory {
  /// Looks that one label is the mean of. The label changes with the second look that says so.
  private static let window = 3
  /// How long a label must have stood before a change is told, in seconds.
  private static let settling = 0.8

  private var recent: [MaskStatus] = []
  /// The mean of the last looks; nil before the first.
  private(set) var status: MaskStatus?
  /// The last label that stood long enough; nil before the first.
  private(set) var settled: MaskLabel?
  private var since = Date.distantPast
  /// When the face was last looked at.
  private(set) var looked = Date.distantPast

  mutating func add(_ look: MaskStatus, at time: Date) {
    recent.append(look)
    if recent.count > Self.window { recent.removeFirst() }
    let before = status?.label
    let mean = MaskStatus(
      probabilities: Dictionary(
        uniqueKeysWithValues: MaskLabel.classes.map { label in
          (label, recent.reduce(0) { $0 + $1[label] } / Double(recent.count))
        }),
      unsureBelow: look.unsureBelow)
    status = mean
    looked = time
    if mean.label != before { since = time }
    if mean.label != .unsure, time.timeIntervalSince(since) >= Self.settling { settled = mean.label }
  }
}
