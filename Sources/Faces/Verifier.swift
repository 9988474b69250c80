public import Foundation
public import Recognize
public import Values
public import Vision

/// A verifier, which compares the main faces of two photos. Nothing is stored.
///
/// ```swift
/// let engine = try FaceEngine(models: models)
/// let verifier = try Verifier(engine, ImpostorModels(models: models))
/// let verification = try verifier.verify(first, second)
/// print(verification.isSame, verification.confidence)
/// ```
///
/// The answer is that of a search in a gallery of one person. Bare faces are compared whole, covered faces by the
/// periocular region.
public final class Verifier: Sendable {
  /// The result of a verification.
  public struct Verification: Sendable {
    /// Whether both main faces are of one person, at the wanted false-positive rate.
    public let isSame: Bool
    /// The probability that they are of one person, 0…1, for the case that half of all pairs are.
    public let confidence: Double
    /// How the faces were compared.
    public let method: RecognitionMethod
    /// The mask status of the first face and of the second.
    public let masks: (MaskStatus, MaskStatus)
  }

  /// The error for a photo without a face.
  public struct NoFace: Error, CustomStringConvertible, Sendable {
    /// What is wrong.
    public let description = "no face found"
  }

  private let engine: FaceEngine
  private let impostors: ImpostorModels
  private let limits: PhotoLimits
  private let fpir: Double

  /// Creates a verifier.
  ///
  /// - Parameters:
  ///   - limits: Limits on the size of the photos.
  ///   - fpir: The wanted share of pairs of two different people that are reported as one person, 0…1.
  public init(
    _ engine: FaceEngine, _ impostors: ImpostorModels, limits: PhotoLimits = PhotoLimits(),
    fpir: Double = Matcher.defaultFPIR
  ) {
    self.engine = engine
    self.impostors = impostors
    self.limits = limits
    self.fpir = fpir
  }

  /// Compares the main faces of two photos. Their order makes no difference.
  ///
  /// - Parameters:
  ///   - first: The bytes of a photo's file.
  ///   - second: The bytes of another.
  /// - Throws: `NoFace` if a photo has no face, `PhotoError` if the bytes are not a picture, `VisionError` if a network
  ///   fails.
  public func verify(_ first: Data, _ second: Data) throws -> Verification {
    let (first, second) = (try view(first), try view(second))
    let comparisons = try comparisons(first, second)
    // As in a search: of the comparisons that pass, the one with the highest confidence wins, and all comparisons
    // together are one search.
    let rate = fpir / Double(comparisons.count)
    let near = comparisons.filter { $0.distance <= $0.model.threshold(gallery: 1, fpir: rate) }
    let best = (near.isEmpty ? comparisons : near).max { $0.confidence < $1.confidence }
    guard let best else { preconditionFailure("two faces can always be compared") }
    return Verification(
      isSame: !near.isEmpty, confidence: best.confidence, method: best.method, masks: (first.mask, second.mask))
  }

  /// The main face of a photo.
  private struct View {
    let image: Image
    let face: Face
    let mask: MaskStatus

    /// Whether the face is also compared by the periocular region.
    var isPeriocular: Bool { ProbeEncoder.methods(for: mask.label).contains(.periocular) }
  }

  private func view(_ data: Data) throws -> View {
    let image = try Photo(decoding: data, limits: limits).image
    guard let found = try engine.finder.faces(in: image, onlyMain: true).first else { throw NoFace() }
    return View(image: image, face: found.face, mask: found.mask)
  }

  private struct Comparison {
    let distance: Double
    let model: DistanceModel
    let method: RecognitionMethod

    var confidence: Double { model.confidence(distance: distance, gallery: 1) }
  }

  /// Compares two faces by all methods that apply, at least one.
  private func comparisons(_ first: View, _ second: View) throws -> [Comparison] {
    let model = impostors[.periocular]
    guard !first.mask.label.isCovered || !second.mask.label.isCovered else {
      // Each face in turn stands for the enrolled one, with the embeddings of both encoders, as if masks had been drawn
      // on. With the periocular encoder alone, strangers would be reported as one person five times as often as wanted.
      // With both encoders the rate stays within the wanted one (33,359 pairs with drawn masks: 0.8 in a thousand where
      // one was wanted).
      let chips = [first.face.chip, second.face.chip]
      let free = try engine.periocular.encode(chips)
      let templates = zip(try engine.recognizer.encoder.encode(chips), free).map {
        model.template(bare: $0, covered: $1)
      }
      let (there, back) = (
        templates[0].distance(to: model.place(free[1])), templates[1].distance(to: model.place(free[0]))
      )
      return [
        Comparison(
          distance: Double(there + back) / 2, model: model.distances(to: templates[0]), method: .periocular)
      ]
    }
    var comparisons: [Comparison] = []
    if !first.mask.label.isCovered, !second.mask.label.isCovered {
      let model = impostors[.face]
      let bare = try engine.recognizer.encoder.encode([first.face.chip, second.face.chip]).map(model.place)
      comparisons.append(
        Comparison(distance: Double(bare[0].distance(to: bare[1])), model: model.toBare, method: .face))
    }
    // The face that is not covered stands for the enrolled one.
    for (enrolled, probe) in [(first, second), (second, first)]
    where probe.isPeriocular && !enrolled.mask.label.isCovered {
      let masked = try PeriocularEncoder.chips(
        of: enrolled.face, in: enrolled.image, aligner: engine.recognizer.aligner)
      let bare = try engine.recognizer.encoder.encode([enrolled.face.chip])[0]
      let template = model.template(bare: bare, covered: try engine.periocular.templates(of: [masked])[0])
      let place = model.place(try engine.periocular.encode([probe.face.chip])[0])
      comparisons.append(
        Comparison(
          distance: Double(template.distance(to: place)), model: model.distances(to: template), method: .periocular))
    }
    return comparisons
  }
}
