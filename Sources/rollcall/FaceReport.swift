import Enroll
import Foundation
import Formats
import Live
import Mask
import Recognize
import Store
import Vision

/// What `identify` and `mask` say of one face, or of a picture without any.
struct FaceReport {
  /// A face and what is known of it.
  struct Found {
    /// The head, in the picture's pixels.
    let box: Rect
    let score: Double
    let mask: MaskStatus
    let status: Status
    /// Nil for everybody who is not enrolled, and for all whom nobody asked about.
    var person: KnownPeople.Person?

    init(_ face: PictureRun.SeenFace, status: Status, person: KnownPeople.Person? = nil) {
      box = face.face.detection.head
      score = face.face.detection.score
      mask = face.mask
      self.status = status
      self.person = person
    }

    init(_ face: LiveFace) {
      (box, score, mask) = (face.box, face.score, face.mask)
      status =
        switch face.status {
        case .known: .known
        case .unknown: .unknown
        case .poor: .poor
        }
      person = face.person
    }
  }

  enum Status: String {
    case known
    case unknown
    /// A face that nobody was asked to recognise.
    case found
    /// Too small or blurred to tell.
    case poor
    /// The picture has no face.
    case noFace = "noface"
  }

  /// What was asked about the faces.
  enum Question {
    case identity
    case mask
  }

  let source: Sighting.Source
  let time: Date
  /// Nil for a picture without a face.
  let found: Found?

  var status: Status { found?.status ?? .noFace }

  /// The contract's keys, in its order. Distances stay inside: they leak faces.
  ///
  /// - Parameter more: What a caller adds behind them.
  func json(_ question: Question, _ zone: TimeZone, more: [JSONValue.Member] = []) -> JSONValue {
    let key =
      switch source {
      case .camera: "camera"
      case .file: "file"
      }
    var members: [JSONValue.Member] = [
      .init(key, .string(source.name)), .init("time", .string(Timestamp.string(from: time, in: zone))),
    ]
    if let found {
      let box = [found.box.x, found.box.y, found.box.width, found.box.height].map { JSONValue.int(Int($0.rounded())) }
      members += [
        .init("box", .array(box)), .init("score", .double(Self.rounded(found.score))), .init("mask", found.mask.json),
      ]
      if question == .identity {
        let identity: JSONValue? = found.person.map {
          [
            "id": .string($0.id), "name": .string($0.name), "confidence": .double(Self.rounded($0.confidence)),
            "method": .string($0.method.rawValue),
          ]
        }
        members.append(.init("identity", identity ?? .null))
      }
    }
    members.append(.init("status", .string(status.rawValue)))
    return .object(members + more)
  }

  /// The frame and words that `--annotate` draws.
  func label(_ question: Question) -> Label? {
    guard let found else { return nil }
    let (word, color) = (found.mask.caption, found.mask.color)
    guard question == .identity else {
      return Label(box: found.box, color: color, title: word, subtitle: found.mask.percent)
    }
    let badge = Label.Badge(text: word, color: color)
    switch found.status {
    case .known:
      return Label(
        box: found.box, color: .green, title: found.person?.name ?? "",
        subtitle: found.person.map { Self.percent($0.confidence) } ?? "", badge: badge)
    case .unknown, .found:
      return Label(box: found.box, color: .amber, title: "unknown", subtitle: "", badge: badge)
    case .poor, .noFace:
      return Label(box: found.box, color: .grey, title: "too poor to tell", subtitle: "", badge: badge)
    }
  }

  /// A share for people to read. Nothing is known with certainty, so it ends at 99.
  static func percent(_ share: Double) -> String { "\(min(99, Int(share * 100))) %" }

  fileprivate static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

extension MaskStatus {
  /// The contract's keys, in its order.
  var json: JSONValue {
    [
      "label": .string(word),
      "probabilities": .object(
        MaskLabel.allCases.map { .init($0.rawValue, .double(FaceReport.rounded(self[$0]))) }),
    ]
  }

  /// For pictures, where nothing says that the word is about masks.
  var caption: String { label == MaskLabel.none ? "no mask" : word }

  /// How likely the likeliest label is, for people to read.
  var percent: String { FaceReport.percent(self[likeliest]) }

  /// Of the frames and badges.
  var color: Label.Color {
    switch label {
    case .mask: .green
    case .incorrect, .covering: .amber
    case .none?: .red
    case nil: .grey
    }
  }
}

extension Label.Color {
  static let green = Label.Color(red: 0.16, green: 0.72, blue: 0.36)
  static let amber = Label.Color(red: 0.95, green: 0.6, blue: 0.1)
  static let red = Label.Color(red: 0.9, green: 0.28, blue: 0.26)
  static let grey = Label.Color(red: 0.6, green: 0.6, blue: 0.62)
}
