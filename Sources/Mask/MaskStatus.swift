/// The mask label of a face, with how sure it is.
public struct MaskStatus: Sendable, Equatable {
  /// Calibrated probabilities, 0…1, of every label; they add up to 1.
  public let probabilities: [MaskLabel: Double]
  /// The least probability that the likeliest label needs to be stated.
  public let unsureBelow: Double

  /// - Parameters:
  ///   - probabilities: One for each label, 0…1, adding up to 1; a label that is left out has 0.
  ///   - unsureBelow: The least probability, 0…1, that the likeliest label needs to be stated.
  public init(probabilities: [MaskLabel: Double], unsureBelow: Double) {
    self.probabilities = probabilities
    self.unsureBelow = unsureBelow
  }

  /// The probability of a label, 0…1.
  public subscript(label: MaskLabel) -> Double { probabilities[label] ?? 0 }

  /// The label with the highest probability, sure or not; of equal ones the first.
  public var likeliest: MaskLabel {
    MaskLabel.allCases.reduce(.mask) { self[$1] > self[$0] ? $1 : $0 }
  }

  /// The label; nil when the face does not show it clearly enough.
  public var label: MaskLabel? { self[likeliest] < unsureBelow ? nil : likeliest }

  /// The label as programs read it; `unsure` for none.
  public var word: String { label?.rawValue ?? MaskStatus.unsure }

  /// The word for a face without a label.
  public static let unsure = "unsure"

  /// The mouth is covered, by a mask or something else, also by a mask worn wrongly. False when that is unsure.
  public var isCovered: Bool { label.map { $0 != .none } ?? false }
}
