public import Values
package import Vision

/// The impostor models of all methods: they place faces and compare them.
public struct ImpostorModels: Sendable {
  private let face: ImpostorModel
  private let periocular: ImpostorModel
  private let second: SecondImpostorModels?

  /// Creates the set.
  ///
  /// - Parameters:
  ///   - face: The model of the face encoder.
  ///   - periocular: The model of the periocular encoder.
  ///   - folder: Where the second encoder's model is; nil to compare in dlib's space alone.
  /// - Throws: `VisionError` with code `model` when a file is missing or belongs to another encoder.
  package init(
    _ face: ImpostorModel, _ periocular: ImpostorModel, secondIn folder: Models? = nil
  ) throws(VisionError) {
    (self.face, self.periocular) = (face, periocular)
    if let folder { second = try SecondImpostorModels(models: folder) } else { second = nil }
  }

  /// The impostor model of a method in dlib's space alone.
  public subscript(method: RecognitionMethod) -> ImpostorModel {
    switch method {
    case .face: face
    case .periocular: periocular
    }
  }

  /// Whether the second encoder's distances are used.
  public var hasSecond: Bool { second != nil }

  /// Places an enrolled face.
  ///
  /// - Parameter methods: The methods of the probes that are searched for. With fewer, a template is placed sooner.
  public func place(
    _ face: TemplateEmbeddings, for methods: Set<RecognitionMethod> = Set(RecognitionMethod.allCases)
  ) -> PlacedTemplate {
    let (servesBare, servesCovered) = (methods.contains(.face), methods.contains(.periocular))
    return PlacedTemplate(
      bare: servesBare ? self[.face].place(face.bare) : nil,
      forCovered: servesCovered ? self[.periocular].forCovered(bare: face.bare, covered: face.covered) : nil,
      secondBare: servesBare ? face.secondBare.flatMap { second?.face.place($0) } : nil,
      secondCovered: servesCovered ? face.secondForCovered.flatMap { second?.periocular.place($0) } : nil)
  }

  /// Places a probe.
  public func place(_ probe: Probe) -> PlacedProbe {
    PlacedProbe(
      method: probe.method, first: self[probe.method].place(probe.embedding),
      second: probe.second.flatMap { second?[probe.method].place($0) })
  }

  /// Compares a probe with a template: in both spaces if both faces have a place in both, otherwise in dlib's.
  ///
  /// - Returns: Nil if the template is not placed for probes of this method.
  public func compare(_ probe: PlacedProbe, _ template: PlacedTemplate) -> Comparison? {
    switch probe.method {
    case .face:
      guard let bare = template.bare else { return nil }
      return compare(
        .face, first: bare.distance(to: probe.first), hasCovered: false, second: distance(probe, template.secondBare))
    case .periocular:
      guard let forCovered = template.forCovered else { return nil }
      return compare(
        .periocular, first: forCovered.distance(to: probe.first), hasCovered: forCovered.covered != nil,
        second: distance(probe, template.secondCovered))
    }
  }

  private func distance(_ probe: PlacedProbe, _ template: PlacedEmbedding?) -> Float? {
    probe.second.flatMap { place in template?.distance(to: place) }
  }

  /// The comparison that distances make.
  ///
  /// - Parameters:
  ///   - first: The corrected distance in dlib's space.
  ///   - hasCovered: Whether the template also holds the covered face.
  ///   - distance: The corrected distance in the second encoder's space; nil if one of the faces has no place there.
  func compare(_ method: RecognitionMethod, first: Float, hasCovered: Bool, second distance: Float?) -> Comparison {
    let model = hasCovered ? self[method].toCovered ?? self[method].toBare : self[method].toBare
    let first = Comparison(distance: Double(first), model: model)
    guard let distance, let second = second?[method] else { return first }
    return second.fuse(first: first.deviations, second: Double(distance))
  }
}
