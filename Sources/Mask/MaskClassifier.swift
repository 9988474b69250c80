import Foundation
public import Recognize
public import Values
public import Vision

/// A classifier of what covers the mouth and nose of a face.
///
/// ```swift
/// let models = try Models.find()
/// let faces = try Recognizer(models: models).faces(in: image)
/// let classifier = try MaskClassifier(models: models)
/// let statuses = try classifier.classify(faces.map(\.landmarks), in: image)
/// ```
public final class MaskClassifier: Sendable {
  /// The parameters that belong to the network. They are written when it is trained.
  struct Parameters: Decodable {
    /// The labels, in the order of the network's output.
    let labels: [String]
    /// The length of a crop's side, in pixels.
    let side: Int
    /// The margin around the face in a crop, as a share of the face's size.
    let padding: Double
    /// The divisor of the network's output that calibrates its probabilities: they are right as often as they state.
    let temperature: Double
    /// The minimum probability at which a label is stated.
    let unsureBelow: Double
  }

  /// The geometry of the network's crops.
  public let geometry: ChipGeometry
  /// The minimum probability, 0…1, at which a label is stated. Below it, a face is unsure.
  public let unsureBelow: Double
  private let temperature: Double
  private let network: Network

  /// Loads the network.
  ///
  /// - Throws: `VisionError` with code `model` if a file is missing, or if the network and its parameters do not belong
  ///   together.
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
    network = try Network(
      contentsOf: models.url(.maskClassifier), typical: [4, geometry.side, geometry.side, 3], options: options)
    do throws(VisionError) {
      _ = try logits([[UInt8](repeating: 0, count: geometry.side * geometry.side * 3)])
    } catch {
      throw VisionError(
        .model, while: "load the model \(models.url(.maskClassifier).path)",
        "it does not belong to \(Models.File.maskClassifierParameters.rawValue): \(error.reason)")
    }
  }

  /// The mask status of each face of a picture, in order.
  ///
  /// - Throws: `VisionError` with code `invalid` when the landmarks of a face coincide.
  public func classify(_ faces: [Landmarks], in image: Image) throws(VisionError) -> [MaskStatus] {
    try classify(crops: crops(of: faces, in: image))
  }

  /// Cuts the crops of faces that the network needs, in order, on all processors.
  ///
  /// - Returns: For each face `geometry.side` rows of as many RGB pixels.
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

  /// The mask status of each crop, in order. Any number of crops is accepted; about sixteen at a time are the fastest.
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

  /// The number of crops in one call of the network. More are not faster, and memory grows with the number.
  private static let batch = 16

  /// The network's output for each crop, one number per label, divided by the temperature that calibrates it.
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
  /// The network that classifies masks.
  public static let maskClassifier = Models.File(rawValue: "mask-classifier.onnx")
  /// The parameters of the network that classifies masks.
  public static let maskClassifierParameters = Models.File(rawValue: "mask-classifier.json")
}
