public import Mask
public import Recognize
public import Values
public import Vision

/// Finds the faces of a picture and says what covers them.
public struct FaceFinder: Sendable {
  /// Finds faces.
  public let recognizer: Recognizer
  /// Says what covers them.
  public let masks: MaskClassifier

  /// Loads the networks.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    recognizer = try Recognizer(models: models, options: options)
    masks = try MaskClassifier(models: models, options: options)
  }

  /// A finder of networks that are loaded already.
  public init(recognizer: Recognizer, masks: MaskClassifier) {
    self.recognizer = recognizer
    self.masks = masks
  }

  /// The faces of a picture, the surest first.
  ///
  /// - Parameters:
  ///   - detection: What to look for.
  ///   - onlyMain: Only the face that a portrait would be about.
  /// - Throws: `VisionError` when a network fails.
  public func faces(
    in image: Image, detection: Detector.Options = Detector.Options(), onlyMain: Bool = false
  ) throws(VisionError) -> [LabelledFace] {
    var faces = try recognizer.faces(in: image, options: detection)
    if onlyMain { faces = Recognizer.main(of: faces, in: image).map { [$0] } ?? [] }
    let labels = try masks.classify(faces.map(\.landmarks), in: image)
    return zip(faces, labels).map { LabelledFace(face: $0, mask: $1) }
  }
}

/// All networks of recognition: what a face in a picture is, and whose. Cameras and still pictures share them.
///
///     let engine = try FaceEngine(models: Models.find())
///     let faces = try engine.finder.faces(in: image)
///     let identified = try engine.identify(faces, among: roster)
///
/// Any number of threads may use it at once.
public struct FaceEngine: Sendable {
  /// Finds faces and says what covers them.
  public let finder: FaceFinder
  /// Encodes covered ones.
  public let periocular: PeriocularEncoder
  /// Encodes faces by what covers them.
  public let encoder: ProbeEncoder

  /// Finds faces.
  public var recognizer: Recognizer { finder.recognizer }
  /// Says what covers them.
  public var masks: MaskClassifier { finder.masks }

  /// Loads the networks. Each takes longer the first time that it runs; `Live` makes an engine ready for cameras.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    self.init(
      finder: try FaceFinder(models: models, options: options),
      periocular: try PeriocularEncoder(models: models, options: options))
  }

  /// An engine of networks that are loaded already.
  public init(finder: FaceFinder, periocular: PeriocularEncoder) {
    self.finder = finder
    self.periocular = periocular
    encoder = ProbeEncoder(face: finder.recognizer.encoder, periocular: periocular)
  }

  /// Says whose faces these are, in order.
  ///
  /// - Throws: `VisionError` when a network fails.
  public func identify(_ faces: [LabelledFace], among roster: Roster) throws(VisionError) -> [IdentifiedFace] {
    let probes = try encoder.probes(of: faces.map(\.face.chip), faces.map(\.mask.label))
    var identified: [IdentifiedFace] = []
    for (face, probes) in zip(faces, probes) {
      if let answer = roster.matcher.identify(probes) {
        identified.append(face.identified(.known, answer, name: roster.names[answer.personID]))
      } else {
        identified.append(face.identified(try face.face.isPoor() ? .poor : .unknown))
      }
    }
    return identified
  }
}
