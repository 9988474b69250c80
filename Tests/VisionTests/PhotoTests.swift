import Foundation
import TestResources
import Testing
import Vision

@Suite("Reading photos")
struct PhotoTests {
  /// A red 16×16 JPEG in the colours of print, as some scanners write them.
  static let cmyk = bytes(
    base64: """
      /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAGBAUGBQQGBgUGBwcGCAoQCgoJCQoUDg8MEBcUGBgXFBYWGh0lHxobIxwWFiAsICMmJykqKRkf
      LTAtKDAlKCko/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMF
      BQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldY
      WVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn
      6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD6pr5Ur5Ur6poooooooooooor/2Q==
      """)

  private func failure(_ data: Data, limits: PhotoLimits = PhotoLimits()) -> PhotoError.Code? {
    do throws(PhotoError) {
      _ = try Photo(decoding: data, limits: limits)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("a JPEG, a PNG and a portrait are decoded at the size their header says")
  func sizes() throws {
    for (file, width, height) in [
      (Pictures.obama, 910, 1137), (Pictures.collins, 512, 512), (Pictures.biden, 970, 2204),
    ] {
      let data = try Data(contentsOf: file)
      let header = try PhotoHeader(of: data)
      let image = try Photo(decoding: data).image
      #expect((header.width, header.height) == (width, height))
      #expect((image.width, image.height) == (width, height))
    }
  }

  @Test("EXIF turns the picture", arguments: [(1, 3, 2), (3, 3, 2), (6, 2, 3), (8, 2, 3)])
  func orientation(_ orientation: Int, _ width: Int, _ height: Int) throws {
    let side = 16
    let picture = try Image(
      rgb: .init(repeating: 90, count: 3 * side * 2 * side * 3), width: 3 * side, height: 2 * side)
    let jpeg = Exif.tagged(try picture.encoded(as: .jpeg), orientation: UInt8(orientation))
    let image = try Photo(decoding: jpeg).image
    #expect((image.width, image.height) == (width * side, height * side))
  }

  @Test("EXIF tells when the photo was taken, in the camera's offset or else in local time")
  func captureTime() throws {
    let picture = try Image(rgb: .init(repeating: 90, count: 48), width: 4, height: 4).encoded(as: .jpeg)
    let local = TimeZone(identifier: "Europe/Lisbon")!
    func taken(_ time: String, _ offset: String?) throws -> Date? {
      try Photo(decoding: Exif.tagged(picture, time: time, offset: offset), timeZone: local).captured
    }
    let noon = try #require(try taken("2026:07:01 12:00:00", nil))
    #expect(noon == ISO8601DateFormatter().date(from: "2026-07-01T11:00:00Z"))
    #expect(try taken("2026:07:01 12:00:00", "+05:30") == ISO8601DateFormatter().date(from: "2026-07-01T06:30:00Z"))
    #expect(try taken("0000:00:00 00:00:00", nil) == nil)
    #expect(try Photo(decoding: picture).captured == nil)
  }

  @Test("a picture past the limit is refused by its header, before any pixel is read")
  func tooManyPixels() throws {
    // The header alone: there are no pixels in this file.
    let bomb = PNG.file(width: 30_000, height: 30_000, depth: 8, rows: [])
    #expect(failure(bomb) == .tooManyPixels(width: 30_000, height: 30_000, limit: 50_000_000))
    let small = PNG.file(
      width: 30, height: 30, depth: 8, rows: .init(repeating: .init(repeating: 9, count: 90), count: 30))
    #expect(failure(small, limits: PhotoLimits(maximumPixels: 899)) != nil)
    #expect(failure(small, limits: PhotoLimits(maximumPixels: 900)) == nil)
  }

  @Test("a JPEG cut short anywhere is refused, and never read as half a face")
  func truncatedJPEG() throws {
    let whole = try Data(contentsOf: Pictures.obama)
    #expect(failure(whole) == nil)
    for share in [0.001, 0.05, 0.5, 0.9, 0.999] {
      #expect(failure(whole.prefix(Int(Double(whole.count) * share))) == .truncated)
    }
    #expect(failure(whole.dropLast(2)) == .truncated)
  }

  @Test("a PNG cut short is refused")
  func truncatedPNG() throws {
    let whole = try Data(contentsOf: Pictures.collins)
    #expect(failure(whole.prefix(whole.count / 2)) == .truncated)
  }

  @Test("sixteen bits a channel and the colours of print are read as ordinary pictures")
  func unusualPixels() throws {
    let deep = PNG.file(
      width: 2, height: 1, depth: 16, rows: [[0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0x80, 0x00, 0, 0]])
    try Photo(decoding: deep).image.withPixels { #expect(Array($0) == [255, 0, 0, 0, 128, 0]) }
    try Photo(decoding: Self.cmyk).image.withPixels { pixels in
      #expect(pixels[0] > 200 && pixels[1] < 60 && pixels[2] < 60)
    }
  }

  @Test("what is not a photo is named for what it is, whatever the file is called")
  func notPhotos() {
    #expect(failure(Data()) == .empty)
    #expect(failure(Data("Dear diary".utf8)) == .notAPicture)
    #expect(failure(Data("GIF89a........".utf8)) == .unsupported("GIF"))
    #expect(failure(Data([0, 0, 0, 24]) + Data("ftypheic0000mif1heic".utf8)) == .unsupported("HEIC"))
    #expect(failure(Data("%PDF-1.7".utf8)) == .unsupported("PDF"))
    #expect(failure(Data([0xFF, 0xD8, 0xFF, 0xD9])) == .damaged)
  }

  @Test("bytes changed at random give a picture or an error, never a crash")
  func damage() throws {
    let image = try Photo(decoding: Data(contentsOf: Pictures.collins)).image.resized(width: 64, height: 64)
    var random = SeededGenerator(seed: 7)
    for format in [Image.Format.jpeg, .png] {
      let whole = try image.encoded(as: format)
      for _ in 0..<200 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
        }
        if let photo = try? Photo(decoding: bytes) { #expect(photo.image.width > 0) }
      }
    }
  }

  @Test("folders, pipes and files that are not there are refused at once")
  func notFiles() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.url.appendingPathComponent("pipe.jpg").path
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [folder.url.path, pipe, folder.url.appendingPathComponent("gone.jpg").path] {
      #expect(throws: PhotoError.self) { try Photo.read(path) }
    }
    let file = try folder.write(Data(repeating: 1, count: 2000), to: "large.jpg").path
    #expect(throws: PhotoError.self) { try Photo.read(file, limits: PhotoLimits(maximumBytes: 1999)) }
    #expect(try Photo.read(file).count == 2000)
  }
}
