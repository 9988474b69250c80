/// What covers mouth and nose. The order is the network's.
public enum MaskLabel: String, Sendable, CaseIterable {
  /// A mask over mouth, nose and chin.
  case mask
  /// A mask that leaves the nose or the chin out, or hangs under the chin.
  case incorrect
  /// The mouth is covered, and not by a mask: a hand, a scarf, a veil, a bandana.
  case covering
  /// Nothing.
  case none
}
