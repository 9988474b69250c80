/// What covers mouth and nose.
public enum MaskLabel: String, Sendable, CaseIterable {
  /// A mask over mouth, nose and chin.
  case mask
  /// A mask that leaves the nose or the chin out, or hangs under the chin.
  case incorrect
  /// The mouth is covered, and not by a mask: a hand, a scarf, a veil, a bandana.
  case covering
  /// Nothing.
  case none
  /// The face does not show it clearly enough.
  case unsure

  /// The labels that a classifier tells apart and that a labelled photo has, in the order of the network's output.
  public static let classes: [MaskLabel] = [.mask, .incorrect, .covering, .none]

  /// The class with this name; nil for every other word, `unsure` among them.
  public init?(className: String) {
    guard let label = MaskLabel.classes.first(where: { $0.rawValue == className }) else { return nil }
    self = label
  }

  /// The mouth is covered, by a mask or something else, also by a mask worn wrongly. False when that is unsure.
  public var isCovered: Bool { self != .none && self != .unsure }
}
