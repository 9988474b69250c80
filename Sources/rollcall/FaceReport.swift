import Foundation
import Formats
import Recognize
import Vision

/// What `identify` says of one face, or of a picture without any.
struct FaceReport {
  /// A face and who it is.
  struct Found {
    /// The head, in the picture's pixels.
    let box: Rect
    let score: Double
    let status: Status
    let person: Person?
  }

  /// Whom the gallery has for a face.
  struct Person {
    let id: String
    let name: String
    let confidence: Double

    /// For people to read. Nobody is recognised with certainty, so it ends at 99.
    var percent: String { "\(min(99, Int(confidence * 100))) %" }
  }

  enum Status: String {
    case known
    case unknown
    /// Too small or blurred to tell.
    case poor
    /// The picture has no face.
    case noFace = "noface"
  }

  let file: String
  let time: Date
  /// Nil for a picture without a face.
  let found: Found?

  var status: Status { found?.status ?? .noFace }

  /// The contract's keys, in its order. Distances stay inside: they leak faces.
  func json(_ zone: TimeZone) -> JSONValue {
    guard let found else {
      return ["file": .string(file), "time": .string(Timestamp.string(from: time, in: zone)), "status": "noface"]
    }
    let box = [found.box.x, found.box.y, found.box.width, found.box.height].map { JSONValue.int(Int($0.rounded())) }
    let identity: JSONValue? = found.person.map {
      [
        "id": .string($0.id), "name": .string($0.name), "confidence": .double(Self.rounded($0.confidence)),
        "method": "face",
      ]
    }
    return [
      "file": .string(file), "time": .string(Timestamp.string(from: time, in: zone)), "box": .array(box),
      "score": .double(Self.rounded(found.score)),
      // The label of the mask comes with the mask classifier; until then nothing is claimed.
      "mask": .null,
      "identity": identity ?? .null, "status": .string(status.rawValue),
    ]
  }

  /// The frame and words that `--annotate` draws.
  var label: Label? {
    guard let found else { return nil }
    switch found.status {
    case .known:
      return Label(
        box: found.box, color: .green, title: found.person?.name ?? "", subtitle: found.person?.percent ?? "")
    case .unknown:
      return Label(box: found.box, color: .amber, title: "unknown", subtitle: "")
    case .poor, .noFace:
      return Label(box: found.box, color: .grey, title: "too poor to tell", subtitle: "")
    }
  }

  private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

extension Label.Color {
  static let green = Label.Color(red: 0.16, green: 0.72, blue: 0.36)
  static let amber = Label.Color(red: 0.95, green: 0.6, blue: 0.1)
  static let grey = Label.Color(red: 0.6, green: 0.6, blue: 0.62)
}
