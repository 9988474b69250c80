import Foundation
public import Recognize
public import Values
public import Vision

/// An explanation of a mask label: how much each part of the face speaks for it.
public struct MaskExplanation: Sendable {
  /// The mask status of the face. Its likeliest label is explained, even if the label is unsure.
  public let status: MaskStatus
  /// The number of columns, and of rows, of `evidence`. They are spread evenly over the crop from edge to edge.
  public let side: Int
  /// How much the log-odds of the label fall if the crop is hidden there, row by row. Below 0 where hiding makes the
  /// label likelier.
  public let evidence: [Double]
  /// Maps a column and a row of `evidence` to a point in the picture.
  public let place: Similarity

  /// The evidence for the label as shares of its highest value, to be drawn over the picture.
  public var heatMap: HeatMap? {
    let highest = max(evidence.max() ?? 0, 1e-9)
    return HeatMap(side: side, values: evidence.map { Float(max(0, $0) / highest) }, place: place)
  }
}

extension MaskClassifier {
  /// Explains the label of a face by occlusion sensitivity: hides one spot of the face after the other and measures how
  /// the label's log-odds change.
  ///
  /// This takes as long as classifying about two hundred faces.
  ///
  /// - Throws: `VisionError` with code `invalid` when the landmarks coincide.
  public func explain(_ face: Landmarks, in image: Image) throws(VisionError) -> MaskExplanation {
    let crop = try geometry.cut(image, face)
    let patches = Patches(crop: crop, side: geometry.side)
    let whole = try classify(crops: [crop])
    let known = try logits([crop])
    let hidden = try logits(patches.all())
    guard let status = whole.first, let before = known.first else {
      throw VisionError(.failed, while: "explain a mask label", "the network gave nothing")
    }
    let index = MaskLabel.classes.firstIndex(of: status.likeliest) ?? 0
    let odds = Self.logOdds(before, index)
    return MaskExplanation(
      status: status, side: Patches.count, evidence: hidden.map { odds - Self.logOdds($0, index) },
      place: try geometry.place(face).from(scale: patches.step))
  }

  /// The log-odds of one label against all the others.
  private static func logOdds(_ logits: [Double], _ index: Int) -> Double {
    let others = logits.indices.filter { $0 != index }.map { logits[$0] }
    let highest = others.max() ?? 0
    return logits[index] - highest - log(others.reduce(0) { $0 + exp($1 - highest) })
  }
}

/// Copies of a crop, each with one soft patch of the crop's mean grey on it.
private struct Patches {
  /// The number of patches in a row, and of rows.
  static let count = 15

  private let crop: [UInt8]
  private let side: Int
  private let grey: Double
  /// For each position of a patch along one side, the share of each pixel that it hides, 0…1. The shares across and
  /// down are multiplied.
  private let profiles: [[Double]]
  /// The distance from one patch to the next, in pixels.
  let step: Double

  init(crop: [UInt8], side: Int) {
    self.crop = crop
    self.side = side
    grey = Double(crop.reduce(0) { $0 + Int($1) }) / Double(max(1, crop.count))
    let step = Double(side - 1) / Double(Patches.count - 1)
    self.step = step
    // The distance between the corners of a mouth. Narrower patches hide too little of a mask to change the label.
    let width = Double(side) / 12
    profiles = (0..<Patches.count).map { index in
      (0..<side).map { pixel in
        let distance = (Double(pixel) - Double(index) * step) / width
        return abs(distance) < 3 ? exp(-distance * distance / 2) : 0
      }
    }
  }

  func all() -> [[UInt8]] {
    mapInParallel(Array(0..<(Patches.count * Patches.count))) { index in
      hiding(profiles[index / Patches.count], profiles[index % Patches.count])
    }
  }

  private func hiding(_ down: [Double], _ across: [Double]) -> [UInt8] {
    var copy = crop
    for y in 0..<side where down[y] > 0 {
      for x in 0..<side where across[x] > 0 {
        let share = down[y] * across[x]
        for place in ((y * side + x) * 3)..<((y * side + x) * 3 + 3) {
          copy[place] = UInt8((Double(crop[place]) * (1 - share) + grey * share).rounded())
        }
      }
    }
    return copy
  }
}
