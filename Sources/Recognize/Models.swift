public import Foundation
public import Vision

/// The folder with the networks and their parameters.
///
/// ```swift
/// let models = try Models.find()
/// let detector = try Detector(models: models)
/// ```
public struct Models: Sendable {
  /// Where the files are.
  public let folder: URL

  /// A file that the program loads. Each module declares the files that it loads.
  public struct File: RawRepresentable, Sendable, Hashable {
    /// The file's name in the folder.
    public let rawValue: String

    /// A file of this name.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }
  }

  /// Uses the models in a folder. If the folder is not known, use `find`.
  public init(folder: URL) {
    self.folder = folder
  }

  /// Finds the folder with the models.
  ///
  /// It tries `ROLLCALL_MODELS`, then `../share/rollcall/models` beside an installed program, then `models` in each
  /// folder above the program, where a build finds the repository's.
  ///
  /// - Throws: `VisionError` with code `model` if there is no such folder.
  public static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws(VisionError)
    -> Models
  {
    var candidates: [URL] = []
    if let named = environment["ROLLCALL_MODELS"] { candidates.append(URL(fileURLWithPath: named)) }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    candidates.append(program.appendingPathComponent("../share/rollcall/models").standardized)
    var above = program
    while above.path != "/" {
      candidates.append(above.appendingPathComponent("models"))
      above.deleteLastPathComponent()
    }
    candidates.append(
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../models").standardized)
    for folder in candidates {
      let models = Models(folder: folder)
      if FileManager.default.isReadableFile(atPath: models.url(.faceEncoder).path) { return models }
    }
    throw VisionError(
      .model, while: "find the models",
      "no folder with \(Models.File.faceEncoder.rawValue) beside the program; set ROLLCALL_MODELS to where it is")
  }

  /// The location of a file.
  public func url(_ file: File) -> URL { folder.appendingPathComponent(file.rawValue) }

  /// Reads a parameter file.
  ///
  /// - Throws: `VisionError` with code `model` if the file is missing or does not fit the type.
  package func parameters<Parameters: Decodable>(_ file: File, as type: Parameters.Type) throws(VisionError)
    -> Parameters
  {
    do {
      return try JSONDecoder().decode(type, from: Data(contentsOf: url(file)))
    } catch {
      throw VisionError(.model, while: "read \(url(file).path)", "\(error)")
    }
  }
}

extension Models.File {
  /// The network that finds faces.
  public static let faceDetector = Models.File(rawValue: "face-detector.onnx")
  /// The parameters of the network that finds faces.
  public static let faceDetectorParameters = Models.File(rawValue: "face-detector.json")
  /// dlib's predictor of five landmarks.
  public static let faceLandmarks = Models.File(rawValue: "face-landmarks-5.dat")
  /// dlib's face encoder.
  public static let faceEncoder = Models.File(rawValue: "face-encoder.onnx")
  /// The impostor model of dlib's face encoder.
  public static let faceImpostors = Models.File(rawValue: "face-impostors.json")
}
