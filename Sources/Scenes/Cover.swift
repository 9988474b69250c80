package import Mask
package import Values

/// A cover that an actor wears.
package enum Cover: Hashable, Sendable {
  /// No cover.
  case bare
  /// Over mouth and nose. It is a mask if the style is one, otherwise another covering.
  case mask(MaskRenderer.Style, seed: UInt64)
  /// Over the mouth, with the nose free.
  case incorrect(MaskRenderer.Style, seed: UInt64)
  /// Below the mouth.
  case chin(MaskRenderer.Style, seed: UInt64)

  /// The right mask label of a face with this cover.
  package var label: MaskLabel { renderer?.label ?? .none }

  var renderer: MaskRenderer? {
    switch self {
    case .bare: nil
    case .mask(let style, let seed): MaskRenderer(style: style, seed: seed)
    case .incorrect(let style, let seed): MaskRenderer(style: style, wear: .underNose, seed: seed)
    case .chin(let style, let seed): MaskRenderer(style: style, wear: .chin, seed: seed)
    }
  }
}
