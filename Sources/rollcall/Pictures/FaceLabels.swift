import Values
import Vision
import Wire

/// A share as a percentage for people. It ends at 99, because nothing is certain.
func percent(_ share: Double) -> String { "\(min(99, Int(share * 100))) %" }

extension IdentifiedFace {
  /// The frame and the text that `--annotate` draws.
  func label(_ question: FaceReport.Question) -> Label {
    let (word, color) = (mask.caption, mask.color)
    guard question == .identity else {
      return Label(box: box, color: color, title: word, subtitle: mask.percent)
    }
    let badge = Label.Badge(text: word, color: color)
    switch status {
    case .known:
      return Label(
        box: box, color: .green, title: name ?? "",
        subtitle: identification.map { percent($0.confidence) } ?? "", badge: badge)
    case .unknown, .found, .forgotten:
      return Label(box: box, color: .amber, title: "unknown", subtitle: "", badge: badge)
    case .poor, .noFace: return Label(box: box, color: .grey, title: "too poor to tell", subtitle: "", badge: badge)
    }
  }
}

extension MaskStatus {
  /// The mask label as text on pictures, which do not say that the word is about masks.
  var caption: String { label == .none ? "no mask" : label.rawValue }

  /// The probability of the likeliest label as a percentage.
  var percent: String { rollcall.percent(self[likeliest]) }

  /// The color of frames and badges.
  var color: Label.Color {
    switch label {
    case .mask: .green
    case .incorrect, .covering: .amber
    case .none: .red
    case .unsure: .grey
    }
  }
}

extension Label.Color {
  static let green = Label.Color(red: 0.16, green: 0.72, blue: 0.36)
  static let amber = Label.Color(red: 0.95, green: 0.6, blue: 0.1)
  static let red = Label.Color(red: 0.9, green: 0.28, blue: 0.26)
  static let grey = Label.Color(red: 0.6, green: 0.6, blue: 0.62)
}
