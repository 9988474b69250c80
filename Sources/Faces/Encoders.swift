public import Recognize
public import Values
public import Vision

extension Models.File {
  /// The encoder of covered faces.
  public static let periocularEncoder = Models.File(rawValue: "periocular-encoder.onnx")
  /// The distances between strangers that it measures.
  public static let periocularImpostors = Models.File(rawValue: "periocular-impostors.json")
}

extension RecognitionMethod {
  /// The encoder's identifier: templates and models that belong to an encoder carry it.
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
  /// The model of one way to encode a probe.
  ///
  /// - Throws: `VisionError` with code `model` when the file is missing or belongs to another encoder.
  public init(models: Models, method: RecognitionMethod = .face) throws(VisionError) {
    try self.init(
      models: models, file: method.impostors, encoder: method.encoder, knowsCovered: method == .periocular)
  }
}

extension ImpostorModels {
  /// The models of all ways to encode a probe.
  ///
  /// - Throws: `VisionError` with code `model` when a file is missing or belongs to another encoder.
  public init(models: Models) throws(VisionError) {
    var all: [RecognitionMethod: ImpostorModel] = [:]
    for method in RecognitionMethod.allCases { all[method] = try ImpostorModel(models: models, method: method) }
    self.init(all)
  }
}
