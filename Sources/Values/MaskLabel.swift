/// What covers mouth and nose.
public enum MaskLabel: String, Sendable, CaseIterable {
  /// A mask over mouth, nose and chin.
  case mask
  /// A mask that leaves the nose or the chin uncovered, or hangs under the chin.
  case incorrect
  /// Something other than a mask covers the mouth: a hand, a scarf, a veil, a bandana.
  case covering
  /// Nothing covers mouth or nose.
  case none
  /// The face does not show clearly enough what covers it.
  case unsure

  /// The labels that the classifier distinguishes and that labelled photos have, in the order of the network's output.
  public static let classes: [MaskLabel] = [.mask, .incorrect, .covering, .none]

  /// The class with this name; nil for `unsure` and for unknown words.
  public init?(className: String) {
    guard let label = MaskLabel.classes.first(where: { $0.rawValue == className }) else { return nil }
    self = label
  }

  /// Whether the face is covered: by a mask, by an incorrectly worn mask, or by something else. False for `unsure`.
  public var isCovered: Bool { self != .none && self != .unsure }
}
