/// The probability of each mask label for one face.
public struct MaskStatus: Sendable, Equatable {
  /// Calibrated probabilities, 0…1, of every class; they add up to 1.
  public let probabilities: [MaskLabel: Double]
  /// The minimum probability at which the likeliest class is stated.
  public let unsureBelow: Double

  /// Creates a mask status.
  ///
  /// - Parameters:
  ///   - probabilities: The probability of each class, 0…1, adding up to 1. A missing class has the probability 0.
  ///   - unsureBelow: The minimum probability, 0…1, at which the likeliest class is stated.
  public init(probabilities: [MaskLabel: Double], unsureBelow: Double) {
    self.probabilities = probabilities
    self.unsureBelow = unsureBelow
  }

  /// The probability of a class, 0…1.
  public subscript(label: MaskLabel) -> Double { probabilities[label] ?? 0 }

  /// The class with the highest probability, even if that is below `unsureBelow`; the first of equal ones.
  public var likeliest: MaskLabel {
    MaskLabel.classes.reduce(.mask) { self[$1] > self[$0] ? $1 : $0 }
  }

  /// The likeliest class; `unsure` if its probability is below `unsureBelow`.
  public var label: MaskLabel { self[likeliest] < unsureBelow ? .unsure : likeliest }
}
