import Foundation
import Values

/// The mask label of a face over time, smoothed so that single pictures do not change it.
struct MaskHistory {
  /// The number of pictures whose mean is the label. The label changes with the second picture that shows another one.
  private static let window = 3
  /// How long a label must last before its change is logged, in seconds.
  private static let settling = 0.8

  private var recent: [MaskStatus] = []
  /// The mean of the last pictures; nil before the first.
  private(set) var status: MaskStatus?
  /// The last label that lasted long enough; nil before the first.
  private(set) var settled: MaskLabel?
  /// The label for the log: one that lasted, so that a hand before the mouth does not make it unsure; before there is
  /// one, the label of the last pictures.
  var logged: MaskLabel? { settled ?? status?.label }
  private var since = Date.distantPast
  /// When the face was last classified.
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
