/// The colours of a plot. Each plot is drawn twice: for pages with a light and with a dark background.
struct Theme {
  let isDark: Bool
  let background: Color
  let ink: Color
  let faint: Color
  let accent: Color
  let wrong: Color
  /// Colours for classes and folds. They are those of Okabe and Ito, which colour-blind people can distinguish, adapted
  /// to the background.
  let lines: [Color]

  static let light = Theme(
    isDark: false, background: Color(0xFFFFFF), ink: Color(0x1D2733), faint: Color(0xD5DBE1), accent: Color(0x0B66A8),
    wrong: Color(0xC8501B),
    lines: [0x0072B2, 0xD97B00, 0xB0508A, 0x00845F, 0x5B5B5B, 0x2F9FD0, 0x8F7A00, 0x9C3D00].map(Color.init))

  static let dark = Theme(
    isDark: true, background: Color(0x161C24), ink: Color(0xE4E9EE), faint: Color(0x37424E), accent: Color(0x5BB2EA),
    wrong: Color(0xF0874F),
    lines: [0x56B4E9, 0xF0A830, 0xE08CC0, 0x2FC79A, 0xB4B4B4, 0x2E86C8, 0xE2D24A, 0xE07A45].map(Color.init))

  /// A colour with eight bits each for red, green and blue.
  struct Color {
    private let value: UInt32

    init(_ value: UInt32) {
      self.value = value
    }

    /// The colour as `#rrggbb`.
    var text: String {
      let digits = String(value, radix: 16)
      return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// A mixture of this colour (share 0) and another (share 1).
    func mixed(with other: Color, _ share: Double) -> Color {
      var result: UInt32 = 0
      for shift in [16, 8, 0] as [UInt32] {
        let (a, b) = (Double(value >> shift & 255), Double(other.value >> shift & 255))
        result |= UInt32((a + (b - a) * min(1, max(0, share))).rounded()) << shift
      }
      return Color(result)
    }
  }
}
