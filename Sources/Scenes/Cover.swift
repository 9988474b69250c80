package import Mask

/// What an actor wears.
package enum Cover: Hashable, Sendable {
  /// Nothing.
  case bare
  /// Over mouth and nose: a mask, or with the styles that are none, something else.
  case mask(MaskRenderer.Style, seed: UInt64)
  /// Over the mouth; the nose is free.
  case incorrect(MaskRenderer.Style, seed: UInt64)
  /// Under the mouth.
  case chin(MaskRenderer.Style, seed: UInt64)

  /// The right label of a face that wears this.
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
