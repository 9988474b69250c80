import Foundation
import Vision

/// The folder with the networks and their parameters.
public struct Models: Sendable {
  /// Where the files are.
  public let folder: URL

  /// A file that the program loads, by its role.
  public enum File: String, Sendable, CaseIterable {
    case faceDetector = "face-detector.onnx"
    case faceDetectorParameters = "face-detector.json"
    case faceLandmarks = "face-landmarks-5.dat"
    case faceEncoder = "face-encoder.onnx"
    case faceImpostors = "face-impostors.json"
    case periocularEncoder = "periocular-encoder.onnx"
    case periocularImpostors = "periocular-impostors.json"
    case maskClassifier = "mask-classifier.onnx"
    case maskClassifierParameters = "mask-classifier.json"
  }

  /// The models in a folder that is known. `find` looks for one.
  public init(folder: URL) {
    self.folder = folder
  }

  /// Finds the folder: `ROLLCALL_MODELS`, then beside an installed program (`../share/rollcall/models`), then up the tree from the
  /// program, where a build finds the repository's.
  ///
  /// - Throws: `VisionError` with code `model` when there is none.
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
      "no folder with \(File.faceEncoder.rawValue) beside the program; set ROLLCALL_MODELS to where it is")
  }

  /// Where a file is.
  public func url(_ file: File) -> URL { folder.appendingPathComponent(file.rawValue) }

  /// Reads a parameter file.
  ///
  /// - Throws: `VisionError` with code `model` when it is missing or does not fit.
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
