public import Enroll
public import Foundation
public import Formats
public import Mask
public import Store
public import Vision

/// What is said of one face in a picture, or of a picture without any, as programs read it.
public struct FaceReport: Sendable {
  /// A face and what is known of it.
  public struct Found: Sendable {
    /// The head, in the picture's pixels.
    public let box: Rect
    /// How sure the detector is that this is a face, 0…1.
    public let score: Double
    /// What covers the face.
    public let mask: MaskStatus
    /// Whether it was recognised.
    public let status: Status
    /// Nil for everybody who is not enrolled, and for all whom nobody asked about.
    public let person: KnownPeople.Person?

    /// A face in a box.
    public init(box: Rect, score: Double, mask: MaskStatus, status: Status, person: KnownPeople.Person? = nil) {
      self.box = box
      self.score = score
      self.mask = mask
      self.status = status
      self.person = person
    }
  }

  /// Whether a face was recognised.
  public enum Status: String, Sendable {
    /// Somebody who is enrolled.
    case known
    /// Nobody who is enrolled, or not decided yet.
    case unknown
    /// A face that nobody was asked to recognise.
    case found
    /// Too small or blurred to tell, up to now.
    case poor
    /// The picture has no face.
    case noFace = "noface"

    /// The log's word for it.
    public var logged: Sighting.Status {
      switch self {
      case .known: .known
      case .unknown, .found: .unknown
      case .poor, .noFace: .poor
      }
    }
  }

  /// What was asked about the faces.
  public enum Question: Sendable {
    case identity
    case mask
  }

  /// Where the picture is from.
  public let source: Sighting.Source
  /// When it was taken.
  public let time: Date
  /// Nil for a picture without a face.
  public let found: Found?

  /// A face in a picture, or that there is none.
  public init(source: Sighting.Source, time: Date, found: Found?) {
    self.source = source
    self.time = time
    self.found = found
  }

  /// Whether the face was recognised; `noFace` where there is none.
  public var status: Status { found?.status ?? .noFace }

  /// The contract's keys, in its order. Distances stay inside: they leak faces.
  ///
  /// - Parameter more: What a caller adds behind them.
  public func json(_ question: Question, _ zone: TimeZone, more: [JSONValue.Member] = []) -> JSONValue {
    let key =
      switch source {
      case .camera: "camera"
      case .file: "file"
      }
    let picture: [JSONValue.Member] = [
      .init(key, .string(source.name)), .init("time", .string(Timestamp.string(from: time, in: zone))),
    ]
    let face = found?.members(question) ?? [.init("status", .string(status.rawValue))]
    return .object(picture + face + more)
  }

  fileprivate static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

extension FaceReport.Found {
  /// The face by itself: the keys of a report without those of its picture.
  public func json(_ question: FaceReport.Question, more: [JSONValue.Member] = []) -> JSONValue {
    .object(members(question) + more)
  }

  fileprivate func members(_ question: FaceReport.Question) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      .init("box", box.json), .init("score", .double(FaceReport.rounded(score))), .init("mask", mask.json),
    ]
    if question == .identity { members.append(.init("identity", person?.json ?? .null)) }
    members.append(.init("status", .string(status.rawValue)))
    return members
  }
}

extension Rect {
  /// The contract's way to write a box: `[x, y, width, height]` in whole pixels.
  public var json: JSONValue { .array([x, y, width, height].map { .int(Int($0.rounded())) }) }
}

extension KnownPeople.Person {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "name": .string(name), "confidence": .double(FaceReport.rounded(confidence)),
      "method": .string(method.rawValue),
    ]
  }
}

extension MaskStatus {
  /// The contract's keys, in its order.
  public var json: JSONValue {
    [
      "label": .string(word),
      "probabilities": .object(
        MaskLabel.allCases.map { .init($0.rawValue, .double(FaceReport.rounded(self[$0]))) }),
    ]
  }
}
