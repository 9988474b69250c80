public import Mask
public import Recognize
public import Values
public import Vision

/// A detector of faces that also classifies what covers them.
public struct FaceFinder: Sendable {
  /// Finds faces.
  public let recognizer: Recognizer
  /// Classifies what covers them.
  public let masks: MaskClassifier

  /// Loads the networks.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    recognizer = try Recognizer(models: models, options: options)
    masks = try MaskClassifier(models: models, options: options)
  }

  /// Creates a finder from networks that are loaded already.
  public init(recognizer: Recognizer, masks: MaskClassifier) {
    self.recognizer = recognizer
    self.masks = masks
  }

  /// The faces of a picture, by descending score.
  ///
  /// - Parameters:
  ///   - detection: Which faces are detected.
  ///   - onlyMain: Returns only the main face of a portrait.
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

/// The networks that find faces, classify what covers them, and recognise people.
///
/// ```swift
/// let engine = try FaceEngine(models: Models.find())
/// let faces = try engine.finder.faces(in: image)
/// let identified = try engine.identify(faces, among: roster)
/// ```
///
/// Cameras and still pictures share them. Any number of threads may use an engine at once.
public struct FaceEngine: Sendable {
  /// Finds faces and classifies what covers them.
  public let finder: FaceFinder
  /// Encodes covered faces.
  public let periocular: PeriocularEncoder
  /// Encodes faces by the methods that suit their mask labels.
  public let encoder: ProbeEncoder

  /// Finds faces.
  public var recognizer: Recognizer { finder.recognizer }
  /// Classifies what covers them.
  public var masks: MaskClassifier { finder.masks }

  /// Loads the networks. Each takes longer when it runs for the first time. `prepareForCameras()` in `Live` runs each
  /// once.
  ///
  /// - Throws: `VisionError` with code `model`.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    self.init(
      finder: try FaceFinder(models: models, options: options),
      periocular: try PeriocularEncoder(models: models, options: options))
  }

  /// Creates an engine from networks that are loaded already.
  public init(finder: FaceFinder, periocular: PeriocularEncoder) {
    self.finder = finder
    self.periocular = periocular
    encoder = ProbeEncoder(face: finder.recognizer.encoder, periocular: periocular)
  }

  /// Searches for the person of each face. The results are in the order of the faces.
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
