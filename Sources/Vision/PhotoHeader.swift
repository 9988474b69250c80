public import Foundation

/// The format and the size of a photo, read from its bytes before it is decoded.
///
/// The format is recognised by the content of the file, whatever its name.
public struct PhotoHeader: Sendable, Equatable {
  /// The kinds of file that Rollcall reads.
  public enum Format: String, Sendable {
    case jpeg = "JPEG"
    case png = "PNG"
    case webp = "WebP"
    case bmp = "BMP"
    case tiff = "TIFF"
  }

  /// The format, by the content of the file.
  public let format: Format
  /// The width in pixels, before EXIF turns the picture.
  public let width: Int
  /// The height in pixels, before EXIF turns the picture.
  public let height: Int

  /// Reads the header and checks that the file is complete.
  ///
  /// - Throws: `PhotoError` with code `empty`, `notAPicture`, `unsupported`, `truncated` or `damaged`.
  public init(of data: Data) throws(PhotoError) {
    guard !data.isEmpty else { throw PhotoError(.empty) }
    let bytes = ByteReader(data)
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      (width, height) = try PhotoHeader.jpeg(bytes)
      format = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      (width, height) = try PhotoHeader.png(bytes)
      format = .png
    } else if bytes.starts(with: Array("RIFF".utf8)), bytes.matches(Array("WEBP".utf8), at: 8) {
      (width, height) = try PhotoHeader.webp(bytes)
      format = .webp
    } else if bytes.starts(with: Array("BM".utf8)), bytes.count > 26 {
      (width, height) = try PhotoHeader.bmp(bytes)
      format = .bmp
    } else if bytes.starts(with: [0x49, 0x49, 0x2A, 0x00]) || bytes.starts(with: [0x4D, 0x4D, 0x00, 0x2A]) {
      (width, height) = try PhotoHeader.tiff(bytes)
      format = .tiff
    } else if let name = PhotoHeader.unsupported(bytes) {
      throw PhotoError(.unsupported(name))
    } else {
      throw PhotoError(.notAPicture)
    }
    guard width > 0, height > 0 else { throw PhotoError(.damaged) }
  }

  private static func unsupported(_ bytes: ByteReader) -> String? {
    if bytes.starts(with: Array("GIF8".utf8)) { return "GIF" }
    if bytes.matches(Array("ftyp".utf8), at: 4) {
      let brand = String(decoding: bytes.slice(8, 4), as: UTF8.self)
      if brand.hasPrefix("hei") || brand.hasPrefix("hev") || brand == "mif1" || brand == "msf1" { return "HEIC" }
      if brand.hasPrefix("avi") { return "AVIF" }
      return "video"
    }
    if bytes.starts(with: Array("%PDF".utf8)) { return "PDF" }
    return nil
  }

  /// Reads the segments up to the frame header, then on to the end-of-image marker. Without that marker the file is
  /// truncated.
  private static func jpeg(_ bytes: ByteReader) throws(PhotoError) -> (Int, Int) {
    var size: (Int, Int)?
    var at = 2
    while true {
      guard let marker = bytes.nextMarker(from: at) else { throw PhotoError(.truncated) }
      at = marker.next
      switch marker.code {
      case 0xD9:
        guard let size else { throw PhotoError(.damaged) }
        return size
      case 0x01, 0xD0...0xD8: continue  // no segment follows
      default: break
      }
      guard let length = bytes.big16(at), length >= 2 else { throw PhotoError(.truncated) }
      let isFrame = (0xC0...0xCF).contains(marker.code) && ![0xC4, 0xC8, 0xCC].contains(marker.code)
      if isFrame, size == nil {
        guard let height = bytes.big16(at + 3), let width = bytes.big16(at + 5) else { throw PhotoError(.truncated) }
        size = (width, height)
      }
      at += length
    }
  }

  private static func png(_ bytes: ByteReader) throws(PhotoError) -> (Int, Int) {
    guard let width = bytes.big32(16), let height = bytes.big32(20) else { throw PhotoError(.truncated) }
    var at = 8
    while let length = bytes.big32(at), bytes.count >= at + 12 + length {
      if bytes.matches(Array("IEND".utf8), at: at + 4) { return (width, height) }
      at += 12 + length
    }
    // Such a picture is refused for its size, so its end need not be there.
    if width * height > PhotoLimits.absolutePixels { return (width, height) }
    throw PhotoError(.truncated)
  }

  private static func webp(_ bytes: ByteReader) throws(PhotoError) -> (Int, Int) {
    guard let length = bytes.little32(4), bytes.count >= 30 else { throw PhotoError(.truncated) }
    guard bytes.count >= length + 8 else { throw PhotoError(.truncated) }
    switch String(decoding: bytes.slice(12, 4), as: UTF8.self) {
    case "VP8 ":
      return ((bytes.little16(26) ?? 0) & 0x3FFF, (bytes.little16(28) ?? 0) & 0x3FFF)
    case "VP8L":
      let bits = bytes.little32(21) ?? 0
      return ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    case "VP8X":
      guard let flags = bytes.byte(20), flags & 0x02 == 0 else { throw PhotoError(.unsupported("animated WebP")) }
      return ((bytes.little24(24) ?? 0) + 1, (bytes.little24(27) ?? 0) + 1)
    default:
      throw PhotoError(.damaged)
    }
  }

  private static func bmp(_ bytes: ByteReader) throws(PhotoError) -> (Int, Int) {
    guard let length = bytes.little32(2), let width = bytes.little32(18), let height = bytes.little32(22) else {
      throw PhotoError(.truncated)
    }
    guard bytes.count >= length else { throw PhotoError(.truncated) }
    // A negative height means rows from top to bottom.
    return (width, Int(Int32(truncatingIfNeeded: height).magnitude))
  }

  private static func tiff(_ bytes: ByteReader) throws(PhotoError) -> (Int, Int) {
    let little = bytes.byte(0) == 0x49
    func word(_ at: Int) -> Int? { little ? bytes.little16(at) : bytes.big16(at) }
    func long(_ at: Int) -> Int? { little ? bytes.little32(at) : bytes.big32(at) }
    guard let directory = long(4), let entries = word(directory) else { throw PhotoError(.truncated) }
    var width = 0
    var height = 0
    for entry in 0..<entries {
      let at = directory + 2 + 12 * entry
      guard let tag = word(at), let kind = word(at + 2), let value = kind == 3 ? word(at + 8) : long(at + 8) else {
        throw PhotoError(.truncated)
      }
      if tag == 256 { width = value }
      if tag == 257 { height = value }
    }
    return (width, height)
  }
}

/// Bounds-checked reads from a file's bytes.
struct ByteReader {
  private let data: Data

  init(_ data: Data) {
    self.data = data
  }

  var count: Int { data.count }

  func byte(_ at: Int) -> Int? {
    at >= 0 && at < data.count ? Int(data[data.startIndex + at]) : nil
  }

  func slice(_ at: Int, _ length: Int) -> Data {
    guard at >= 0, at + length <= data.count else { return Data() }
    return data[(data.startIndex + at)..<(data.startIndex + at + length)]
  }

  func matches(_ pattern: [UInt8], at offset: Int) -> Bool { slice(offset, pattern.count).elementsEqual(pattern) }
  func starts(with pattern: [UInt8]) -> Bool { matches(pattern, at: 0) }

  func big16(_ at: Int) -> Int? { number(at, [1, 0]) }
  func big32(_ at: Int) -> Int? { number(at, [3, 2, 1, 0]) }
  func little16(_ at: Int) -> Int? { number(at, [0, 1]) }
  func little24(_ at: Int) -> Int? { number(at, [0, 1, 2]) }
  func little32(_ at: Int) -> Int? { number(at, [0, 1, 2, 3]) }

  private func number(_ at: Int, _ places: [Int]) -> Int? {
    var value = 0
    for (index, place) in places.enumerated() {
      guard let byte = byte(at + index) else { return nil }
      value |= byte << (8 * place)
    }
    return value
  }

  /// The next JPEG marker at or after an offset: its code and where it ends. Skips stuffed zeros and fill bytes.
  func nextMarker(from offset: Int) -> (code: Int, next: Int)? {
    data.withUnsafeBytes { bytes in
      var at = offset
      while at + 1 < bytes.count {
        if bytes[at] == 0xFF, bytes[at + 1] != 0x00, bytes[at + 1] != 0xFF { return (Int(bytes[at + 1]), at + 2) }
        at += 1
      }
      return nil
    }
  }
}
