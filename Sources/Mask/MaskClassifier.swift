import Foundation
public import Recognize
public import Values
public import Vision

/// Says of faces what covers mouth and nose.
public final class MaskClassifier: Sendable {
  /// What belongs to the network; written by its training.
  struct Parameters: Decodable {
    /// The labels, in the order of the network's output.
    let labels: [String]
    /// Pixels a side of a crop.
    let side: Int
    /// The margin around the face in a crop, as a share of the face's size.
    let padding: Double
    /// What the network's output is divided by, so that its probabilities are as often right as they say.
    let temperature: Double
    /// The least probability of a label that is stated.
    let unsureBelow: Double
  }

  /// How the network's crops are cut.
  public let geometry: ChipGeometry
  /// The least probability, 0…1, of a label that is stated; below it a face is unsure.
  public let unsureBelow: Double
  private let temperature: Double
  private let network: Network

  /// - Throws: `VisionError` with code `model` when a file is missing, or when the network and its parameters do not
  ///   belong together.
  public init(models: Models, options: Network.Options = Network.Options()) throws(VisionError) {
    let parameters = try models.parameters(.maskClassifierParameters, as: Parameters.self)
    guard parameters.labels == MaskLabel.classes.map(\.rawValue), (1...1024).contains(parameters.side),
      (0...4).contains(parameters.padding), parameters.temperature > 0, parameters.temperature.isFinite,
      (0...1).contains(parameters.unsureBelow)
    else {
      throw VisionError(
        .model, while: "read \(models.url(.maskClassifierParameters).path)",
        "these are not the parameters of a classifier")
    }
    geometry = ChipGeometry(side: parameters.side, padding: parameters.padding)
    temperature = parameters.temperature
    unsureBelow = parameters.unsureBelow
    network = try Network(contentsOf: models.url(.maskClassifier), options: options)
    do throws(VisionError) {
      _ = try logits([[UInt8](repeating: 0, count: geometry.side * geometry.side * 3)])
    } catch {
      throw VisionError(
        .model, while: "load the model \(models.url(.maskClassifier).path)",
        "it does not belong to \(Models.File.maskClassifierParameters.rawValue): \(error.reason)")
    }
  }

  /// The status of each face of a picture, in order.
  ///
  /// - Throws: `VisionError` with code `invalid` when the landmarks of a face coincide.
  public func classify(_ faces: [Landmarks], in image: Image) throws(VisionError) -> [MaskStatus] {
    try classify(crops: crops(of: faces, in: image))
  }

  /// The crops of faces as the network sees them, in order: each `geometry.side` rows of as many RGB pixels. Cut on all
  /// processors.
  ///
  /// - Throws: `VisionError` with code `invalid` when the landmarks of a face coincide.
  public func crops(of faces: [Landmarks], in image: Image) throws(VisionError) -> [[UInt8]] {
    let geometry = geometry
    let cut = mapInParallel(faces) { face in
      Result { () throws(VisionError) in try geometry.cut(image, face) }
    }
    var crops: [[UInt8]] = []
    for crop in cut { crops.append(try crop.get()) }
    return crops
  }

  /// The status of each crop, in order. Sixteen or so at a time are the fastest; any number is taken.
  ///
  /// - Parameter crops: Each `geometry.side` rows of as many RGB pixels, as `crops(of:in:)` cuts them.
  /// - Throws: `VisionError` with code `invalid` when a crop has another size.
  public func classify(crops: [[UInt8]]) throws(VisionError) -> [MaskStatus] {
    try logits(crops).map { logits in
      let highest = logits.max() ?? 0
      let shares = logits.map { exp($0 - highest) }
      let sum = shares.reduce(0, +)
      return MaskStatus(
        probabilities: Dictionary(uniqueKeysWithValues: zip(MaskLabel.classes, shares.map { $0 / sum })),
        unsureBelow: unsureBelow)
    }
  }

  /// Crops in one call of the network; more are not faster, and memory grows with it.
  private static let batch = 16

  /// What the network says of each crop, one number per label, at the temperature at which they are calibrated.
  func logits(_ crops: [[UInt8]]) throws(VisionError) -> [[Double]] {
    let (size, labels) = (geometry.side * geometry.side * 3, MaskLabel.classes.count)
    var all: [[Double]] = []
    for start in stride(from: 0, to: crops.count, by: MaskClassifier.batch) {
      let batch = crops[start..<min(start + MaskClassifier.batch, crops.count)]
      guard batch.allSatisfy({ $0.count == size }) else {
        throw VisionError(
          .invalid, while: "classify masks", "a crop has \(geometry.side)×\(geometry.side) RGB pixels")
      }
      let output = try Array(batch.joined()).withUnsafeBufferPointer { (bytes) throws(VisionError) in
        try network.run(bytes, shape: [batch.count, geometry.side, geometry.side, 3])
      }
      guard output.shape == [batch.count, labels], output.values.allSatisfy(\.isFinite) else {
        throw VisionError(.model, while: "classify masks", "the network gave \(output.shape) for \(batch.count) crops")
      }
      for row in 0..<batch.count {
        all.append(output.values[(row * labels)..<((row + 1) * labels)].map { Double($0) / temperature })
      }
    }
    return all
  }
}

extension Models.File {
  /// The network that labels masks.
  public static let maskClassifier = Models.File(rawValue: "mask-classifier.onnx")
  /// What belongs to it.
  public static let maskClassifierParameters = Models.File(rawValue: "mask-classifier.json")
}
