package import CVision
public import Foundation
public import Values

/// A picture in memory: 8-bit RGB, rows from top to bottom.
///
/// ```swift
/// let image = try Image(decoding: data)
/// let small = try image.resized(width: 640, height: 480)
/// let jpeg = try small.encoded(as: .jpeg)
/// ```
///
/// `@unchecked Sendable`: the pixels are never written after the initialiser returns. A method that changes a picture
/// returns another one.
public final class Image: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Takes ownership of the handle.
  init(owning handle: OpaquePointer) {
    self.handle = handle
  }

  deinit { rc_image_free(handle) }

  /// Decodes the bytes of a JPEG, PNG, WebP, BMP or TIFF file and turns the picture upright according to EXIF.
  ///
  /// The size and the completeness of the file are checked by `Photo`, not here.
  ///
  /// - Parameter reduction: 1, 2, 4 or 8: the factor by which each side is made smaller, which saves time and memory.
  /// - Throws: `VisionError` with code `unreadable` or `memory`.
  public convenience init(decoding data: Data, reduction: Int = 1) throws(VisionError) {
    self.init(
      owning: try make("decode the picture") { handle, error in
        data.withUnsafeBytes {
          rc_image_decode(
            $0.assumingMemoryBound(to: UInt8.self).baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped,
            $0.count,
            Int32(reduction), handle, error)
        }
      })
  }

  /// Creates a picture from pixels: `height` rows of `width` pixels, each red, green, blue.
  public convenience init(rgb: [UInt8], width: Int, height: Int) throws(VisionError) {
    guard width > 0, height > 0, rgb.count == width * height * 3 else {
      throw VisionError(.invalid, while: "make a picture", "\(rgb.count) bytes are not \(width)×\(height) RGB pixels")
    }
    self.init(
      owning: try make("make a picture") { rc_image_create(rgb, Int32(width), Int32(height), $0, $1) })
  }

  /// Creates a picture whose pixels `fill` writes: `height` rows of `width` pixels, each red, green, blue.
  ///
  /// - Throws: `VisionError` with code `invalid` or `memory`, and what `fill` throws.
  package init(width: Int, height: Int, filling fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    var pixels: UnsafeMutablePointer<UInt8>?
    handle = try make("make a picture") { rc_image_allocate(Int32(width), Int32(height), $0, &pixels, $1) }
    try fill(UnsafeMutableRawBufferPointer(start: pixels, count: width * height * 3))
  }

  /// The width, in pixels.
  public var width: Int { Int(rc_image_width(handle)) }
  /// The height, in pixels.
  public var height: Int { Int(rc_image_height(handle)) }
  /// The whole picture.
  public var bounds: Rect { Rect(x: 0, y: 0, width: Double(width), height: Double(height)) }

  /// Calls `body` with the pixels: `width * height * 3` bytes, valid only inside the closure.
  public func withPixels<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: rc_image_pixels(handle), count: width * height * 3))
  }

  /// The picture in another size, in pixels: averaged by area if smaller, bilinear if larger.
  public func resized(width: Int, height: Int) throws(VisionError) -> Image {
    Image(owning: try make("resize a picture") { rc_image_resize(handle, Int32(width), Int32(height), $0, $1) })
  }

  /// The part inside `x, y, width, height`. What lies outside the picture is black.
  public func cropped(x: Int, y: Int, width: Int, height: Int) throws(VisionError) -> Image {
    Image(
      owning: try make("crop a picture") {
        rc_image_crop(handle, Int32(x), Int32(y), Int32(width), Int32(height), $0, $1)
      })
  }

  /// Draws pictures on a canvas of one colour, each with its upper left corner at the given point. Later ones are on
  /// top.
  public static func composed(
    width: Int, height: Int, background: (red: UInt8, green: UInt8, blue: UInt8),
    _ parts: [(image: Image, x: Int, y: Int)]
  ) throws(VisionError) -> Image {
    let canvas = [background.red, background.green, background.blue]
    let result = try Image(
      rgb: (0..<(width * height)).flatMap { _ in canvas }, width: width, height: height)
    for part in parts {
      try native("compose a picture") {
        rc_image_paste(result.handle, part.image.handle, Int32(part.x), Int32(part.y), $0)
      }
    }
    return result
  }

  /// A copy with frames and labels drawn on it.
  public func annotated(_ labels: [Label]) throws(VisionError) -> Image {
    let words = labels.flatMap { [$0.title, $0.subtitle, $0.badge?.text ?? ""] }
    return try withCStrings(words) { (strings) throws(VisionError) in
      let native = labels.enumerated().map { index, label in
        rc_label(
          box: rc_rect(label.box), color: rc_color(label.color), title: strings[3 * index],
          subtitle: strings[3 * index + 1], badge_color: rc_color(label.badge?.color ?? label.color),
          badge: strings[3 * index + 2])
      }
      return try edited("annotate a picture") { rc_image_annotate($0, native, native.count, $1) }
    }
  }

  /// A copy that a C++ function has drawn on.
  package func edited(
    _ operation: @autoclosure () -> String, _ draw: (OpaquePointer, UnsafeMutablePointer<rc_error>) -> rc_status
  ) throws(VisionError) -> Image {
    let copy = try cropped(x: 0, y: 0, width: width, height: height)
    try native(operation()) { draw(copy.handle, $0) }
    return copy
  }

  /// A copy with heat maps laid over it.
  public func overlaid(_ maps: [HeatMap]) throws(VisionError) -> Image {
    let copy = try cropped(x: 0, y: 0, width: width, height: height)
    for map in maps {
      let place = rc_similarity(a: map.place.a, b: map.place.b, dx: map.place.dx, dy: map.place.dy)
      try native("draw a heat map") { rc_image_overlay(copy.handle, map.values, Int32(map.side), place, $0) }
    }
    return copy
  }

  /// Encodes the picture as the bytes of a file.
  ///
  /// - Parameters:
  ///   - format: The format of the file.
  ///   - quality: The quality of a JPEG, 1…100.
  public func encoded(as format: Format, quality: Int = 92) throws(VisionError) -> Data {
    var data = Data()
    try withUnsafeMutablePointer(to: &data) { (data) throws(VisionError) in
      try native("encode a picture") {
        rc_image_encode(
          handle, format.rawValue, Int32(quality),
          { context, bytes, count in
            context?.assumingMemoryBound(to: Data.self).pointee.append(bytes, count: count)
          }, data, $0)
      }
    }
    return data
  }

  /// The kinds of file that Rollcall writes.
  public enum Format: String, Sendable {
    case jpeg = ".jpg"
    case png = ".png"
  }

  /// Calls `body` with the native picture, which is valid only inside the closure.
  package func withHandle<Result, Failure: Error>(
    _ body: (OpaquePointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(handle)
  }
}

/// A frame around a face with words at its upper edge.
public struct Label: Sendable {
  /// Red, green and blue, 0…1.
  public struct Color: Sendable, Equatable {
    /// The red part, 0…1.
    public var red: Double
    /// The green part, 0…1.
    public var green: Double
    /// The blue part, 0…1.
    public var blue: Double

    /// A colour of three parts, each 0…1.
    public init(red: Double, green: Double, blue: Double) {
      self.red = red
      self.green = green
      self.blue = blue
    }
  }

  /// The frame, in pixels of the picture.
  public var box: Rect
  /// The frame's colour. The words stand on a darker shade of it.
  public var color: Color
  /// The first line, in bold; any script.
  public var title: String
  /// The second line, smaller; empty for none.
  public var subtitle: String
  /// A word on the frame's lower edge.
  public var badge: Badge?

  /// A word on its own colour.
  public struct Badge: Sendable, Equatable {
    /// One short word; any script.
    public var text: String
    /// The colour of the badge. The word stands on a darker shade of it.
    public var color: Color

    /// A word on a colour.
    public init(text: String, color: Color) {
      self.text = text
      self.color = color
    }
  }

  /// A frame with words.
  public init(box: Rect, color: Color, title: String, subtitle: String, badge: Badge? = nil) {
    self.box = box
    self.color = color
    self.title = title
    self.subtitle = subtitle
    self.badge = badge
  }
}

extension rc_color {
  fileprivate init(_ color: Label.Color) {
    self.init(red: color.red, green: color.green, blue: color.blue)
  }
}

extension rc_rect {
  init(_ rect: Rect) {
    self.init(x: rect.x, y: rect.y, width: rect.width, height: rect.height)
  }
}

/// Calls `body` with C strings of all the words, which are valid only inside the closure.
private func withCStrings<Result>(
  _ words: [String], _ body: ([UnsafePointer<CChar>]) throws(VisionError) -> Result
) throws(VisionError) -> Result {
  let copies = words.map { word -> UnsafeMutablePointer<CChar> in
    let bytes = Array(word.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    copy.initialize(from: bytes, count: bytes.count)
    return copy
  }
  defer { for copy in copies { copy.deallocate() } }
  return try body(copies.map { UnsafePointer($0) })
}
