import Values
import Vision

extension Observation {
  /// The head of an event, cut out of the picture with a margin.
  ///
  /// The margin ends where another person's head begins, unless the two overlap.
  ///
  /// - Parameters:
  ///   - event: One of `events`.
  ///   - longestSide: The maximum length of the longer side, in pixels. A larger cut-out is reduced.
  /// - Returns: Nil if the event's face is not in the picture. This happens when a face was lost before its person was
  ///   decided: the event then comes later than the face.
  /// - Throws: `VisionError` with code `memory`.
  func head(of event: TrackedEvent, longestSide: Int) throws(VisionError) -> Image? {
    guard let head = faces.first(where: { $0.track == event.track })?.face.box else { return nil }
    let others = faces.filter { $0.track != event.track }.map(\.face.box)
    let area = Framing.area(around: head, without: others, in: image.bounds)
    // Whole pixels inside the area.
    let (left, top) = (Int(area.x.rounded(.up)), Int(area.y.rounded(.up)))
    let (right, bottom) = (Int(area.x + area.width), Int(area.y + area.height))
    guard right > left, bottom > top else { return nil }
    let cutOut = try image.cropped(x: left, y: top, width: right - left, height: bottom - top)
    let factor = Double(longestSide) / Double(max(cutOut.width, cutOut.height))
    guard factor < 1 else { return cutOut }
    return try cutOut.resized(
      width: max(1, Int((Double(cutOut.width) * factor).rounded())),
      height: max(1, Int((Double(cutOut.height) * factor).rounded())))
  }
}

/// Computes how much of a picture is kept around a head.
enum Framing {
  /// The margin on each side, as a share of the head's size.
  private static let margin = 0.25

  /// The head with its margin, as far as that is inside the picture and shows no other head.
  static func area(around head: Rect, without others: [Rect], in bounds: Rect) -> Rect {
    let wide = Rect(
      x: head.x - margin * head.width, y: head.y - margin * head.height, width: head.width * (1 + 2 * margin),
      height: head.height * (1 + 2 * margin))
    return others.reduce(wide.intersection(bounds)) { area, other in
      guard area.intersection(other).area > 0 else { return area }
      // One side moves inwards, at most by its margin. It is the side that leaves least of the other head and, if sides
      // are equal, most of the picture.
      let left = min(max(area.x, other.x + other.width), max(area.x, head.x))
      let top = min(max(area.y, other.y + other.height), max(area.y, head.y))
      let right = max(min(area.x + area.width, other.x), min(area.x + area.width, head.x + head.width))
      let bottom = max(min(area.y + area.height, other.y), min(area.y + area.height, head.y + head.height))
      let choices = [
        Rect(x: left, y: area.y, width: area.x + area.width - left, height: area.height),
        Rect(x: area.x, y: top, width: area.width, height: area.y + area.height - top),
        Rect(x: area.x, y: area.y, width: right - area.x, height: area.height),
        Rect(x: area.x, y: area.y, width: area.width, height: bottom - area.y),
      ]
      return choices.min {
        ($0.intersection(other).area, -$0.area) < ($1.intersection(other).area, -$1.area)
      } ?? area
    }
  }
}
