internal import CDlibReference
public import Foundation
public import Values

/// dlib's own networks, run by dlib. Rollcall's networks are measured against them; recognition does not use them.
public enum DlibReference {
  /// The folder with dlib's `.dat` files; nil if there is none.
  ///
  /// It is `ROLLCALL_DLIB_MODELS` if set. Otherwise the folder that set-up creates is searched above the program and
  /// above these sources.
  public static func folder() -> URL? {
    var candidates: [URL] = []
    if let named = ProcessInfo.processInfo.environment["ROLLCALL_DLIB_MODELS"] {
      candidates.append(URL(fileURLWithPath: named))
    }
    for start in [URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(), URL(fileURLWithPath: #filePath)] {
      var above = start.deletingLastPathComponent()
      while above.path != "/" {
        candidates.append(above.appendingPathComponent(".deps/dlib-models"))
        above.deleteLastPathComponent()
      }
    }
    return candidates.first { FileManager.default.fileExists(atPath: $0.appendingPathComponent(encoderFile).path) }
  }

  static let encoderFile = "dlib_face_recognition_resnet_model_v1.dat"
  static let detectorFile = "mmod_human_face_detector.dat"
}

/// An error of dlib.
public struct DlibReferenceError: Error, CustomStringConvertible, Sendable {
  /// The message of dlib.
  public let description: String
}

/// dlib's face encoder. It must not be shared between threads, because dlib's network keeps its activations inside.
public final class DlibEncoder {
  private let handle: OpaquePointer

  /// - Parameter folder: The folder with dlib's `.dat` files.
  public init(folder: URL) throws(DlibReferenceError) {
    let path = folder.appendingPathComponent(DlibReference.encoderFile).path
    handle = try made { rd_encoder_open(path, $0, $1) }
  }

  deinit { rd_encoder_close(handle) }

  /// - Parameter chips: `count` chips of 150×150 RGB pixels, one after the other.
  /// - Returns: 128 numbers for each chip.
  public func encode(_ chips: [UInt8], count: Int) throws(DlibReferenceError) -> [[Float]] {
    let size = Int(RD_EMBEDDING)
    precondition(chips.count == count * Int(RD_CHIP_SIDE) * Int(RD_CHIP_SIDE) * 3)
    var numbers = [Float](repeating: 0, count: count * size)
    try checked { rd_encoder_encode(handle, chips, count, &numbers, $0) }
    return (0..<count).map { Array(numbers[($0 * size)..<(($0 + 1) * size)]) }
  }
}

/// dlib's MMOD face detector. It must not be shared between threads.
public final class DlibDetector {
  /// A face that dlib detected.
  public struct Face: Sendable {
    /// The box of the face, in whole pixels.
    public let box: Rect
    /// The distance to dlib's threshold. A clear face has about 1.
    public let confidence: Double
  }

  private let handle: OpaquePointer

  /// - Parameter folder: The folder with dlib's `.dat` files.
  public init(folder: URL) throws(DlibReferenceError) {
    let path = folder.appendingPathComponent(DlibReference.detectorFile).path
    handle = try made { rd_detector_open(path, $0, $1) }
  }

  deinit { rd_detector_close(handle) }

  /// - Parameters:
  ///   - rgb: `height` rows of `width` RGB pixels.
  ///   - threshold: The lowest confidence. dlib's own is 0.
  ///   - upsamplings: How often the picture is doubled in size before the detection, 0 to 4.
  public func detect(
    _ rgb: UnsafeBufferPointer<UInt8>, width: Int, height: Int, threshold: Double = 0, upsamplings: Int = 0
  ) throws(DlibReferenceError) -> [Face] {
    try boxes(rgb, width: width, height: height) { base, boxes, error in
      rd_detector_detect(
        handle, base, Int32(width), Int32(height), width * 3, threshold, Int32(upsamplings), boxes, error)
    }
  }
}

/// dlib's HOG face detector, the default of Python's face_recognition. It must not be shared between threads.
public final class DlibHOGDetector {
  private let handle: OpaquePointer

  /// Creates the detector. It is part of dlib's code and needs no file.
  public init() throws(DlibReferenceError) {
    handle = try made { rd_hog_open($0, $1) }
  }

  deinit { rd_hog_close(handle) }

  /// - Parameters:
  ///   - rgb: `height` rows of `width` RGB pixels.
  ///   - upsamplings: How often the picture is doubled in size before the detection, 0 to 4. face_recognition doubles
  ///     it once.
  public func detect(_ rgb: UnsafeBufferPointer<UInt8>, width: Int, height: Int, upsamplings: Int = 1)
    throws(DlibReferenceError) -> [DlibDetector.Face]
  {
    try boxes(rgb, width: width, height: height) { base, boxes, error in
      rd_hog_detect(handle, base, Int32(width), Int32(height), width * 3, 0, Int32(upsamplings), boxes, error)
    }
  }
}

private func boxes(
  _ rgb: UnsafeBufferPointer<UInt8>, width: Int, height: Int,
  _ detect: (UnsafePointer<UInt8>, UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<rd_error>) -> rd_status
) throws(DlibReferenceError) -> [DlibDetector.Face] {
  guard let base = rgb.baseAddress, rgb.count == width * height * 3 else {
    throw DlibReferenceError(description: "the pixels do not fill the picture")
  }
  let boxes = try made { detect(base, $0, $1) }
  defer { rd_boxes_free(boxes) }
  return (0..<rd_boxes_count(boxes)).map {
    let box = rd_boxes_at(boxes, $0)
    return DlibDetector.Face(
      box: Rect(x: Double(box.left), y: Double(box.top), width: Double(box.width), height: Double(box.height)),
      confidence: box.confidence)
  }
}

private func checked(_ call: (UnsafeMutablePointer<rd_error>) -> rd_status) throws(DlibReferenceError) {
  var error = rd_error()
  guard call(&error) != RD_OK else { return }
  throw DlibReferenceError(
    description: withUnsafeBytes(of: &error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
}

private func made(
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<rd_error>) -> rd_status
) throws(DlibReferenceError) -> OpaquePointer {
  var handle: OpaquePointer?
  try checked { call(&handle, $0) }
  guard let handle else { throw DlibReferenceError(description: "no result") }
  return handle
}
