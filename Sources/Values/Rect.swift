/// An axis-aligned rectangle in a picture, in pixels.
///
/// x points to the right, y down. The origin is the picture's upper left corner.
public struct Rect: Sendable, Equatable {
  /// The left edge.
  public var x: Double
  /// The upper edge.
  public var y: Double
  /// The width.
  public var width: Double
  /// The height.
  public var height: Double

  /// Creates a rectangle from its upper left corner and its size.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The length of the shorter side.
  public var shorterSide: Double { min(width, height) }

  /// The centre.
  public var center: Point { Point(x: x + width / 2, y: y + height / 2) }

  /// Whether all numbers are finite and both sides are longer than 0.
  public var isProper: Bool { [x, y, width, height].allSatisfy(\.isFinite) && width > 0 && height > 0 }

  /// The area, in square pixels. A side with a negative length counts as 0.
  public var area: Double { max(0, width) * max(0, height) }

  /// The part that both rectangles share. Its area is 0 if they do not overlap.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top,
      width: max(0, min(x + width, other.x + other.width) - left),
      height: max(0, min(y + height, other.y + other.height) - top))
  }

  /// Intersection over union, 0…1.
  public func overlap(_ other: Rect) -> Double {
    let shared = intersection(other).area
    let union = area + other.area - shared
    return union > 0 ? shared / union : 0
  }

  /// The same rectangle in a picture `factor` times as large.
  public func scaled(by factor: Double) -> Rect {
    Rect(x: x * factor, y: y * factor, width: width * factor, height: height * factor)
  }
}

/// A point in a picture, in pixels; x to the right, y down.
public struct Point: Sendable, Equatable {
  /// Pixels from the left edge.
  public var x: Double
  /// Pixels from the upper edge.
  public var y: Double

  /// Creates a point.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The same point in a picture `factor` times as large.
  public func scaled(by factor: Double) -> Point { Point(x: x * factor, y: y * factor) }
}
