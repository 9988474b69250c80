public import Enroll
public import Mask
public import Recognize
public import Vision

/// A face in a still picture, and what covers it.
public struct SeenFace: Sendable {
  /// The face.
  public let face: Face
  /// What covers it.
  public let mask: MaskStatus

  /// The faces of a picture, the surest first.
  ///
  /// - Parameter onlyMain: Only the face that a portrait would be about.
  /// - Throws: `VisionError` when a network fails.
  public static func all(
    in image: Image, _ recognizer: Recognizer, _ masks: MaskClassifier,
    detection: Detector.Options = Detector.Options(), onlyMain: Bool = false
  ) throws(VisionError) -> [SeenFace] {
    var faces = try recognizer.faces(in: image, options: detection)
    if onlyMain { faces = Recognizer.main(of: faces, in: image).map { [$0] } ?? [] }
    let labels = try masks.classify(faces.map(\.landmarks), in: image)
    return zip(faces, labels).map { SeenFace(face: $0, mask: $1) }
  }

  /// The face with what covers it, where nobody asks whose it is.
  public func labelled() throws(VisionError) -> FaceReport.Found {
    found(try face.isPoor() ? .poor : .found)
  }

  fileprivate func found(_ status: FaceReport.Status, _ person: KnownPeople.Person? = nil) -> FaceReport.Found {
    FaceReport.Found(
      box: face.detection.head, score: face.detection.score, mask: mask, status: status, person: person)
  }
}

extension Engine {
  /// Says of a still picture what it shows. Any number of threads may do that at once.
  ///
  /// - Parameters:
  ///   - people: Whom the faces may show; nil to recognise nobody.
  ///   - detection: What to look for.
  ///   - onlyMain: Only the face that a portrait would be about.
  /// - Returns: the faces, the surest first.
  /// - Throws: `VisionError` when a network fails.
  public func look(
    at image: Image, people: KnownPeople?, detection: Detector.Options = Detector.Options(), onlyMain: Bool = false
  ) throws(VisionError) -> [FaceReport.Found] {
    let faces = try SeenFace.all(in: image, recognizer, masks, detection: detection, onlyMain: onlyMain)
    if let people { return try identify(faces, among: people) }
    var found: [FaceReport.Found] = []
    for face in faces { found.append(try face.labelled()) }
    return found
  }

  /// Says whose faces these are, in order.
  ///
  /// - Throws: `VisionError` when a network fails.
  public func identify(_ faces: [SeenFace], among people: KnownPeople) throws(VisionError) -> [FaceReport.Found] {
    let probes = try encoder.probes(of: faces.map(\.face.chip), faces.map(\.mask))
    var found: [FaceReport.Found] = []
    for (face, probes) in zip(faces, probes) {
      switch people.matcher.identify(probes) {
      case .known(let id, let confidence, let method):
        found.append(face.found(.known, people.person(id, confidence: confidence, method: method)))
      case .unknown: found.append(face.found(try face.face.isPoor() ? .poor : .unknown))
      }
    }
    return found
  }
}
