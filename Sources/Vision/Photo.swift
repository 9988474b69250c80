internal import CVision
public import Foundation

/// Limits on the size of a photo that is read.
public struct PhotoLimits: Sendable {
  /// The maximum number of pixels. A larger picture is refused by its header, before it is decoded. Default: 50
  /// million.
  public var maximumPixels: Int
  /// The maximum size of the file. Default: 256 MiB.
  public var maximumBytes: Int
  /// JPEGs with more pixels than this are decoded at a half, a quarter or an eighth of their size. This bounds memory,
  /// and the reduced picture still has all the detail that a face needs. Default: 24 million.
  public var reducedAbove: Int

  /// Creates limits; each has a default.
  public init(maximumPixels: Int = 50_000_000, maximumBytes: Int = 256 << 20, reducedAbove: Int = 24_000_000) {
    self.maximumPixels = maximumPixels
    self.maximumBytes = maximumBytes
    self.reducedAbove = reducedAbove
  }

  /// The upper bound of every limit that an operator may set: OpenCV decodes no larger picture.
  static let absolutePixels = 1 << 30
}

/// The reason why a photo is refused.
public struct PhotoError: Error, CustomStringConvertible, Sendable {
  /// What is wrong with the file.
  public enum Code: Sendable, Equatable {
    case empty
    case notAPicture
    case unsupported(String)
    case truncated
    case damaged
    case tooManyPixels(width: Int, height: Int, limit: Int)
    case tooManyBytes(limit: Int)
    case notAFile
    case unreadable(String)
  }

  /// What is wrong.
  public let code: Code

  init(_ code: Code) {
    self.code = code
  }

  /// What is wrong and what to do about it, as part of a sentence.
  public var description: String {
    switch code {
    case .empty: "the file is empty"
    case .notAPicture: "not a picture; Rollcall reads JPEG, PNG, WebP, BMP and TIFF"
    case .unsupported("HEIC"):
      "HEIC is not supported; export the photo as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
    case .unsupported(let kind): "\(kind) is not supported; save the photo as JPEG or PNG"
    case .truncated: "the file is cut short; copy it again from where it came"
    case .damaged: "the file is damaged and cannot be decoded"
    case .tooManyPixels(let width, let height, let limit):
      "\(width)×\(height) is more than \(limit / 1_000_000) megapixels; make the picture smaller or raise the limit"
    case .tooManyBytes(let limit): "the file is larger than \(limit >> 20) MiB"
    case .notAFile: "not a regular file"
    case .unreadable(let reason): "cannot be read: \(reason)"
    }
  }
}

/// A photo: the picture of a file, read within limits and turned upright, and the time of its exposure.
///
/// ```swift
/// let data = try Photo.read("anna.jpg")
/// let photo = try Photo(decoding: data)
/// print(photo.image.width, photo.image.height)
/// ```
public struct Photo: Sendable {
  /// The picture, upright.
  public let image: Image
  /// The time of exposure from EXIF; nil if the file has none. If EXIF states no offset from UTC, the camera's clock is
  /// assumed to show local time.
  public let captured: Date?

  /// Reads a file's bytes, within the limits.
  ///
  /// - Throws: `PhotoError` with code `notAFile`, `unreadable` or `tooManyBytes`.
  public static func read(_ path: String, limits: PhotoLimits = PhotoLimits()) throws(PhotoError) -> Data {
    // Without O_NONBLOCK, opening a named pipe would wait until something writes to it. With it, the pipe is refused.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw PhotoError(.unreadable(String(cString: strerror(errno)))) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw PhotoError(.unreadable(String(cString: strerror(errno)))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw PhotoError(.notAFile) }
    guard Int(status.st_size) <= limits.maximumBytes else {
      throw PhotoError(.tooManyBytes(limit: limits.maximumBytes))
    }
    do {
      return try FileHandle(fileDescriptor: file, closeOnDealloc: false).readToEnd() ?? Data()
    } catch {
      throw PhotoError(.unreadable(error.localizedDescription))
    }
  }

  /// Checks the header of a file's bytes, then decodes them once.
  ///
  /// - Throws: `PhotoError`.
  public init(decoding data: Data, limits: PhotoLimits = PhotoLimits(), timeZone: TimeZone = .current)
    throws(PhotoError)
  {
    let header = try PhotoHeader(of: data)
    let pixels = header.width.multipliedReportingOverflow(by: header.height)
    guard !pixels.overflow, pixels.partialValue <= min(limits.maximumPixels, PhotoLimits.absolutePixels) else {
      throw PhotoError(.tooManyPixels(width: header.width, height: header.height, limit: limits.maximumPixels))
    }
    var reduction = 1
    if header.format == .jpeg {
      while reduction < 8, pixels.partialValue / (reduction * reduction) > limits.reducedAbove { reduction *= 2 }
    }
    do {
      image = try Image(decoding: data, reduction: reduction)
    } catch {
      throw PhotoError(error.code == .unreadable ? .damaged : .unreadable(error.reason))
    }
    captured = Photo.captureTime(data, timeZone: timeZone)
  }

  private static func captureTime(_ data: Data, timeZone: TimeZone) -> Date? {
    let capacity = 32
    var time = [CChar](repeating: 0, count: capacity)
    var offset = time
    data.withUnsafeBytes { bytes in
      guard let base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
      rc_exif_time(base, bytes.count, &time, &offset, capacity)
    }
    return ExifTime.date(time: text(time), offset: text(offset), timeZone: timeZone)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Parses times as EXIF writes them.
enum ExifTime {
  /// - Parameters:
  ///   - time: As in "2026:11:21 08:15:30".
  ///   - offset: As in "+01:00", or empty.
  static func date(time: String, offset: String, timeZone: TimeZone) -> Date? {
    let numbers = time.split { $0 == ":" || $0 == " " }.map { Int($0) }
    guard numbers.count == 6, let year = numbers[0], let month = numbers[1], let day = numbers[2],
      let hour = numbers[3],
      let minute = numbers[4], let second = numbers[5], year >= 1826, (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone(offset) ?? timeZone
    return calendar.date(
      from: DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second))
  }

  private static func zone(_ offset: String) -> TimeZone? {
    let numbers = offset.dropFirst().split(separator: ":").map { Int($0) }
    guard let sign = offset.first, "+-".contains(sign), numbers.count == 2, let hours = numbers[0],
      let minutes = numbers[1], (0...14).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return TimeZone(secondsFromGMT: (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60))
  }
}
