public import Foundation
public import Recognize
public import Values
public import Vision

/// Says whether two pictures show one person. Nothing is stored.
///
/// It is what a search in a gallery of one person would say: bare faces are compared whole, covered ones by what is
/// free.
public final class Verifier: Sendable {
  /// What two pictures have in common.
  public struct Verification: Sendable {
    /// Whether both main faces are one person's, at the false-positive rate that was asked for.
    public let isSame: Bool
    /// The probability that they are, 0…1, where pictures of one person come as often as those of two.
    public let confidence: Double
    /// How the faces were compared.
    public let method: RecognitionMethod
    /// What covers the face of the first picture, and of the second.
    public let masks: (MaskStatus, MaskStatus)
  }

  /// A picture without a face.
  public struct NoFace: Error, CustomStringConvertible, Sendable {
    /// What is wrong.
    public let description = "no face found"
  }

  private let engine: FaceEngine
  private let impostors: ImpostorModels
  private let limits: PhotoLimits
  private let fpir: Double

  /// - Parameters:
  ///   - limits: How much of a picture is accepted.
  ///   - fpir: The wanted share of pairs of two people that are taken for one, 0…1.
  public init(
    _ engine: FaceEngine, _ impostors: ImpostorModels, limits: PhotoLimits = PhotoLimits(),
    fpir: Double = Matcher.defaultFPIR
  ) {
    self.engine = engine
    self.impostors = impostors
    self.limits = limits
    self.fpir = fpir
  }

  /// Compares the main faces of two pictures. Their order makes no difference.
  ///
  /// - Parameters:
  ///   - first: The bytes of a file.
  ///   - second: The bytes of another.
  /// - Throws: `NoFace` when one has no face, `PhotoError` for bytes that are no picture, `VisionError` when a network
  ///   fails.
  public func verify(_ first: Data, _ second: Data) throws -> Verification {
    let (first, second) = (try view(first), try view(second))
    let comparisons = try comparisons(first, second)
    // As at the door: the surest of those near enough, and all comparisons together are one search.
    let rate = fpir / Double(comparisons.count)
    let near = comparisons.filter { $0.distance <= $0.model.threshold(gallery: 1, fpir: rate) }
    let best = (near.isEmpty ? comparisons : near).max { $0.confidence < $1.confidence }
    guard let best else { preconditionFailure("two faces can always be compared") }
    return Verification(
      isSame: !near.isEmpty, confidence: best.confidence, method: best.method, masks: (first.mask, second.mask))
  }

  /// The main face of a picture.
  private struct View {
    let image: Image
    let face: Face
    let mask: MaskStatus

    /// Also looked at by what is free.
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

  /// All ways in which two faces can be compared, at least one.
  private func comparisons(_ first: View, _ second: View) throws -> [Comparison] {
    let model = impostors[.periocular]
    guard !first.mask.label.isCovered || !second.mask.label.isCovered else {
      // Each stands for the enrolled one in turn, with both encoders as if masks had been drawn on. By the periocular
      // encoder alone, strangers are taken for one person five times as often as asked for; like this no more often
      // (33,359 pairs with drawn masks: 0.8 in a thousand where one was asked for).
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
    // Whichever is not covered stands for the enrolled one.
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
