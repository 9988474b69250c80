internal import CVision
public import Recognize
public import Values
public import Vision

/// A renderer that draws masks and other coverings on faces.
///
/// ```swift
/// let renderer = MaskRenderer(style: .surgical, seed: 1)
/// let covered = try renderer.render(on: image, face.landmarks)
/// ```
///
/// Enrolment, training, tests and the demonstration use it. The drawings are made for networks; a person may see that
/// they are drawn. The renderer lays a sheet over a model of the head in the pose that the landmarks show. It lights
/// the sheet like the skin, and makes it as sharp and as noisy as the picture.
public struct MaskRenderer: Sendable {
  /// The kind of covering.
  public enum Style: String, Sendable, CaseIterable {
    /// A pleated mask with ear loops.
    case surgical
    /// A folded or cup-shaped FFP2, N95 or KN95 mask.
    case respirator
    /// A mask of one colour.
    case cloth
    /// A printed mask.
    case patterned
    /// No mask: a scarf, bandana, buff or veil.
    case scarf
    /// No mask: a balaclava, hood or niqab, which leaves the eyes free.
    case hood
    /// No mask: a hand before the mouth.
    case hand

    /// Whether this is a mask.
    public var isMask: Bool {
      switch self {
      case .surgical, .respirator, .cloth, .patterned: true
      case .scarf, .hood, .hand: false
      }
    }

    fileprivate var native: rc_mask_style {
      switch self {
      case .surgical: RC_MASK_SURGICAL
      case .respirator: RC_MASK_RESPIRATOR
      case .cloth: RC_MASK_CLOTH
      case .patterned: RC_MASK_PATTERNED
      case .scarf: RC_MASK_SCARF
      case .hood: RC_MASK_HOOD
      case .hand: RC_MASK_HAND
      }
    }
  }

  /// How the covering is worn.
  public enum Wear: String, Sendable, CaseIterable {
    /// Over mouth and nose.
    case well
    /// Over the mouth; the nose is free.
    case underNose = "under-nose"
    /// Under the mouth.
    case chin

    fileprivate var native: rc_mask_wear {
      switch self {
      case .well: RC_MASK_WELL
      case .underNose: RC_MASK_UNDER_NOSE
      case .chin: RC_MASK_CHIN
      }
    }
  }

  /// The kind of covering.
  public let style: Style
  /// How the covering is worn.
  public let wear: Wear
  /// Chooses colour, cut, folds and place, within what style and wear leave open. The same seed draws the same
  /// covering.
  public let seed: UInt64

  /// Creates a renderer of one covering.
  public init(style: Style, wear: Wear = .well, seed: UInt64 = 0) {
    self.style = style
    self.wear = wear
    self.seed = seed
  }

  /// The label of a face with this covering. A scarf, a hood or a hand below the mouth leaves the face bare.
  public var label: MaskLabel {
    if style.isMask { return wear == .well ? .mask : .incorrect }
    return wear == .chin ? .none : .covering
  }

  /// A copy of the picture with the covering on the face that has these landmarks.
  ///
  /// - Throws: `VisionError` with code `invalid` when the landmarks coincide or lie outside the picture.
  public func render(on image: Image, _ landmarks: Landmarks) throws(VisionError) -> Image {
    let points = landmarks.points.map { rc_point(x: $0.x, y: $0.y) }
    return try image.edited("draw a mask") { rc_mask_render($0, points, style.native, wear.native, seed, $1) }
  }
}
