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
  /// Encodes all faces a second time; nil if it is not installed.
  public let second: SecondEncoder?
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
      periocular: try PeriocularEncoder(models: models, options: options),
      second: try SecondEncoder(models: models, options: options))
  }

  /// Creates an engine from networks that are loaded already.
  public init(finder: FaceFinder, periocular: PeriocularEncoder, second: SecondEncoder?) {
    self.finder = finder
    self.periocular = periocular
    self.second = second
    encoder = ProbeEncoder(face: finder.recognizer.encoder, periocular: periocular, second: second)
  }

  /// The embeddings of enrolled faces, in order.
  ///
  /// - Parameter faces: For each face its chip, and its chips with masks drawn on, as
  ///   `PeriocularEncoder.chips(of:in:aligner:)` returns them; without these, nothing is known of the covered face.
  public func templates(of faces: [(bare: Chip, masked: [Chip])]) throws(VisionError) -> [TemplateEmbeddings] {
    let (bare, masked) = (faces.map(\.bare), faces.map(\.masked))
    var templates = try recognizer.encoder.encode(bare).map { TemplateEmbeddings(bare: $0) }
    for (place, mean) in try means(of: masked, periocular.encode).enumerated() { templates[place].covered = mean }
    guard let second else { return templates }
    for (place, embedding) in try second.encode(bare).enumerated() { templates[place].secondBare = embedding }
    for (place, mean) in try means(of: masked, second.encode).enumerated() { templates[place].secondCovered = mean }
    return templates
  }

  /// The identifiers of the encoders of templates.
  ///
  /// - Parameter behindMasks: Whether faces behind masks are encoded too.
  public func templateEncoders(behindMasks: Bool) -> [String] {
    var encoders = [FaceEncoder.identifier]
    if behindMasks { encoders.append(PeriocularEncoder.identifier) }
    guard second != nil else { return encoders }
    encoders.append(SecondEncoder.identifier)
    if behindMasks { encoders.append(SecondEncoder.maskedIdentifier) }
    return encoders
  }

  /// The mean of the embeddings of each group of chips; nil for an empty group.
  private func means(
    of groups: [[Chip]], _ encode: ([Chip]) throws(VisionError) -> [Embedding]
  ) throws(VisionError) -> [Embedding?] {
    var embeddings = try encode(groups.flatMap(\.self))[...]
    return groups.map { chips in
      let own = embeddings.prefix(chips.count)
      embeddings = embeddings.dropFirst(chips.count)
      return Embedding(mean: own)
    }
  }

  /// Searches for the person of each face. The results are in the order of the faces.
  ///
  /// - Throws: `VisionError` when a network fails.
  public func identify(_ faces: [LabelledFace], among roster: Roster) throws(VisionError) -> [IdentifiedFace] {
    let probes = try encoder.probes(of: faces.map(\.face.chip), faces.map(\.mask.label))
    var identified: [IdentifiedFace] = []
    for (face, probes) in zip(faces, probes) {
      if let answer = roster.matcher.identify(probes) {
        identified.append(face.identified(.known, answer, names: roster.names))
      } else {
        identified.append(face.identified(try face.face.isPoor() ? .poor : .unknown))
      }
    }
    return identified
  }
}
