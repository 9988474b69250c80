public import Recognize
public import Values
public import Vision

/// An encoder of probes, which chooses the methods by the mask label of each face.
public final class ProbeEncoder: Sendable {
  private let face: FaceEncoder
  private let periocular: PeriocularEncoder
  private let second: SecondEncoder?

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - face: The encoder of bare faces; a `Recognizer` has one.
  ///   - second: Encodes all faces too; nil if it is not installed.
  public init(face: FaceEncoder, periocular: PeriocularEncoder, second: SecondEncoder?) {
    self.face = face
    self.periocular = periocular
    self.second = second
  }

  /// The methods that encode a face with this label: periocular for covered faces, also with an incorrectly worn mask;
  /// face for bare ones; both if the label is unsure.
  public static func methods(for label: MaskLabel) -> [RecognitionMethod] {
    switch label {
    case .mask, .incorrect, .covering: [.periocular]
    case .none: [.face]
    case .unsure: [.face, .periocular]
    }
  }

  /// The probes of each face, in order. `Matcher` searches with all probes of one face together.
  ///
  /// - Parameters:
  ///   - chips: The faces.
  ///   - labels: The mask label of each face.
  ///   - only: The method for all faces, whatever covers them; nil to choose by the label.
  public func probes(of chips: [Chip], _ labels: [MaskLabel], only: RecognitionMethod? = nil) throws(VisionError)
    -> [[Probe]]
  {
    let methods = labels.map { label in only.map { [$0] } ?? Self.methods(for: label) }
    var probes = [[Probe]](repeating: [], count: chips.count)
    let seconds = try second?.encode(chips)
    for method in RecognitionMethod.allCases {
      let places = chips.indices.filter { methods[$0].contains(method) }
      let wanted = places.map { chips[$0] }
      let embeddings =
        switch method {
        case .face: try face.encode(wanted)
        case .periocular: try periocular.encode(wanted)
        }
      for (place, embedding) in zip(places, embeddings) {
        probes[place].append(Probe(embedding: embedding, second: seconds?[place], method: method))
      }
    }
    return probes
  }
}
