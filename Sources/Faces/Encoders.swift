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

extension ImpostorModels {
  /// Loads the impostor models of all methods.
  ///
  /// - Throws: `VisionError` with code `model` when a file is missing or belongs to another encoder.
  public init(models: Models) throws(VisionError) {
    var all: [RecognitionMethod: ImpostorModel] = [:]
    for method in RecognitionMethod.allCases { all[method] = try ImpostorModel(models: models, method: method) }
    self.init(all)
  }
}
