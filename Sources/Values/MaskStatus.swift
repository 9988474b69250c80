/// The mask label of a face, with how sure it is.
public struct MaskStatus: Sendable, Equatable {
  /// Calibrated probabilities, 0…1, of every class; they add up to 1.
  public let probabilities: [MaskLabel: Double]
  /// The least probability that the likeliest class needs to be stated.
  public let unsureBelow: Double

  /// - Parameters:
  ///   - probabilities: One for each class, 0…1, adding up to 1; a class that is left out has 0.
  ///   - unsureBelow: The least probability, 0…1, that the likeliest class needs to be stated.
  public init(probabilities: [MaskLabel: Double], unsureBelow: Double) {
    self.probabilities = probabilities
    self.unsureBelow = unsureBelow
  }

  /// The probability of a class, 0…1.
  public subscript(label: MaskLabel) -> Double { probabilities[label] ?? 0 }

  /// The class with the highest probability, sure or not; of equal ones the first.
  public var likeliest: MaskLabel {
    MaskLabel.classes.reduce(.mask) { self[$1] > self[$0] ? $1 : $0 }
  }

  /// The label; `unsure` when the face does not show it clearly enough.
  public var label: MaskLabel { self[likeliest] < unsureBelow ? .unsure : likeliest }
}
