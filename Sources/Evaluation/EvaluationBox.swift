/// A box in a picture, in pixels from its upper left corner.
public struct EvaluationBox: Sendable, Equatable {
  /// The left edge.
  public let x: Double
  /// The upper edge.
  public let y: Double
  /// From the left edge to the right one.
  public let width: Double
  /// From the upper edge to the lower one.
  public let height: Double

  /// A box.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The shorter side.
  public var size: Double { min(width, height) }

  /// The area that both boxes cover over the area that either covers, 0 to 1.
  public func overlap(with other: EvaluationBox) -> Double {
    let sharedWidth = min(x + width, other.x + other.width) - max(x, other.x)
    let sharedHeight = min(y + height, other.y + other.height) - max(y, other.y)
    guard sharedWidth > 0, sharedHeight > 0 else { return 0 }
    let shared = sharedWidth * sharedHeight
    return shared / (width * height + other.width * other.height - shared)
  }

  var isProper: Bool {
    [x, y, width, height].allSatisfy(\.isFinite) && width > 0 && height > 0
  }
}
