public import Recognize
public import Values
public import Vision

extension Models.File {
  /// The encoder of covered faces.
  public static let periocularEncoder = Models.File(rawValue: "periocular-encoder.onnx")
  /// The impostor model of the encoder of covered faces.
  public static let periocularImpostors = Models.File(rawValue: "periocular-impostors.json")
}

extension RecognitionMethod {
  /// The identifier of the method's encoder. The encoder's templates and models carry it.
  public var encoder: String {
    switch self {
    case .face: FaceEncoder.identifier
    case .periocular: PeriocularEncoder.identifier
    }
  }

  /// The file of the method's impostor model.
  package var impostors: Models.File {
    switch self {
    case .face: .faceImpostors
    case .periocular: .periocularImpostors
    }
  }
}

extension ImpostorModel {
  /// Loads the impostor model of a method.
  ///
  /// - Throws: `VisionError` with code `model` when the file is missing or belongs to another encoder.
  public init(models: Models, method: RecognitionMethod = .face) throws(VisionError) {
    try self.init(
      models: models, file: method.impostors, encoder: method.encoder, knowsCovered: method == .periocular)
  }
}

extension SecondEncoder {
  /// The identifier of its templates of faces behind masks.
  public static let maskedIdentifier = identifier + "-masked"
}

extension TemplateEmbeddings {
  /// Creates the embeddings of a photo; nil if the face encoder has none. Those of other versions' encoders are left
  /// out.
  ///
  /// - Parameter embeddings: By the encoder's identifier.
  public init?(byEncoder embeddings: [String: Embedding]) {
    guard let bare = embeddings[FaceEncoder.identifier] else { return nil }
    self.init(
      bare: bare, covered: embeddings[PeriocularEncoder.identifier], secondBare: embeddings[SecondEncoder.identifier],
      secondCovered: embeddings[SecondEncoder.maskedIdentifier])
  }

  /// The embeddings by the encoder's identifier.
  public var byEncoder: [String: Embedding] {
    var embeddings = [FaceEncoder.identifier: bare]
    embeddings[PeriocularEncoder.identifier] = covered
    embeddings[SecondEncoder.identifier] = secondBare
    embeddings[SecondEncoder.maskedIdentifier] = secondCovered
    return embeddings
  }

  /// The number of values of an embedding by each encoder.
  public static let dimensions = [
    FaceEncoder.identifier: Embedding.count, PeriocularEncoder.identifier: Embedding.count,
    SecondEncoder.identifier: SecondEncoder.dimensions, SecondEncoder.maskedIdentifier: SecondEncoder.dimensions,
  ]
}

extension ImpostorModels {
  /// Loads the impostor models of all methods, and the second encoder's if it is installed.
  ///
  /// - Throws: `VisionError` with code `model` when a file is missing or belongs to another encoder.
  public init(models: Models) throws(VisionError) {
    try self.init(
      ImpostorModel(models: models, method: .face), ImpostorModel(models: models, method: .periocular),
      secondIn: models.hasSecondEncoder ? models : nil)
  }
}
