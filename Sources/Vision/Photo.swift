internal import CVision
public import Foundation

/// How much of a photo is accepted.
public struct PhotoLimits: Sendable {
  /// The most pixels that are decoded; a larger picture is refused by its header. Default 50 million.
  public var maximumPixels: Int
  /// The largest file that is read. Default 256 MiB.
  public var maximumBytes: Int
  /// JPEGs of more pixels than this are decoded at a half, a quarter or an eighth of their size, which bounds memory
  /// and costs nothing that a face needs. Default 24 million.
  public var reducedAbove: Int

  /// Limits, each with its default.
  public init(maximumPixels: Int = 50_000_000, maximumBytes: Int = 256 << 20, reducedAbove: Int = 24_000_000) {
    self.maximumPixels = maximumPixels
    self.maximumBytes = maximumBytes
    self.reducedAbove = reducedAbove
  }

  /// No limit that an operator may set goes past this: OpenCV decodes no more.
  static let absolutePixels = 1 << 30
}

/// A photo that was refused, and why.
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

  /// What is wrong and what to do about it, as a part of a sentence.
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

/// A photo read from disk: the picture, and what else an event or a template needs from the file.
public struct Photo: Sendable {
  /// The picture, upright.
  public let image: Image
  /// The moment of exposure by EXIF, else nil. Without an offset in the file the camera's clock is taken to show local
  /// time.
  public let captured: Date?

  /// Reads a file's bytes, within the limits.
  ///
  /// - Throws: `PhotoError` with code `notAFile`, `unreadable` or `tooManyBytes`.
  public static func read(_ path: String, limits: PhotoLimits = PhotoLimits()) throws(PhotoError) -> Data {
    // Not blocking, so that a named pipe with nobody behind it is refused rather than waited for.
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

  /// Checks a file's bytes by their header and decodes them once.
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

/// EXIF's way to write a time.
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
