public import Values

/// A similarity transform: it rotates, scales and moves points. `(x, y)` becomes `(a·x − b·y + dx, b·x + a·y + dy)`.
public struct Similarity: Sendable, Equatable {
  /// The scale times the cosine of the angle.
  public var a: Double
  /// The scale times the sine of the angle; positive turns clockwise on a screen.
  public var b: Double
  /// Pixels to the right.
  public var dx: Double
  /// Pixels down.
  public var dy: Double

  /// Creates a transform from its four numbers.
  public init(a: Double, b: Double, dx: Double, dy: Double) {
    self.a = a
    self.b = b
    self.dx = dx
    self.dy = dy
  }

  /// The factor by which lengths grow.
  public var scale: Double { (a * a + b * b).squareRoot() }

  /// The transform that multiplies a point by `factor` first.
  public func from(scale factor: Double) -> Similarity { Similarity(a: a * factor, b: b * factor, dx: dx, dy: dy) }

  /// The same transform into a picture `factor` times as large.
  public func scaled(by factor: Double) -> Similarity {
    Similarity(a: a * factor, b: b * factor, dx: dx * factor, dy: dy * factor)
  }

  /// Transforms a point.
  public func callAsFunction(_ point: Point) -> Point {
    Point(x: a * point.x - b * point.y + dx, y: b * point.x + a * point.y + dy)
  }

  /// The inverse transform; a transform with a scale of 0 has none.
  public var inverse: Similarity {
    let square = a * a + b * b
    return Similarity(
      a: a / square, b: -b / square, dx: -(a * dx + b * dy) / square, dy: (b * dx - a * dy) / square)
  }
}
