import Foundation
import Posix
import TestResources
import Vision

@testable import Video

/// Pictures whose colour says which one they are.
enum Numbered {
  static func picture(_ number: Int, width: Int = 64, height: Int = 48) throws -> Image {
    let color = [UInt8(number % 8 * 32), UInt8(number / 8 % 8 * 32), 128]
    return try Image(rgb: (0..<width * height).flatMap { _ in color }, width: width, height: height)
  }

  /// The number of a picture that went through a codec.
  static func number(of image: Image) -> Int {
    image.withPixels { pixels in
      let middle = (image.height / 2 * image.width + image.width / 2) * 3
      let digits = [pixels[middle], pixels[middle + 1]].map { Int((Double($0) / 32).rounded()) }
      return digits[0] + digits[1] * 8
    }
  }

  /// A film of the pictures 0, 1, 2 and so on.
  static func film(_ count: Int, in folder: TemporaryFolder, name: String = "film.mp4", rate: Double = 25) throws -> URL
  {
    let file = folder.url.appendingPathComponent(name)
    let writer = try VideoWriter(file.path, width: 64, height: 48, rate: rate)
    for number in 0..<count { try writer.append(picture(number)) }
    try writer.finish()
    return file
  }
}

/// A camera on the network that can die, hang and come back.
final class NetworkCamera {
  let port: Int
  private let folder: TemporaryFolder
  private var process: ChildProcess?

  init() throws {
    folder = try TemporaryFolder()
    // Below those that the system gives to whoever asks for any.
    port = Int.random(in: 20_000..<32_000)
  }

  deinit { die() }

  var address: String { "http://user:secret@127.0.0.1:\(port)/stream" }

  func start(width: Int, height: Int) throws {
    let picture = try folder.write(
      Numbered.picture(3, width: width, height: height).encoded(as: .jpeg), to: "picture.jpg")
    let nowhere = try Descriptor("/dev/null", flags: O_RDWR)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("mjpeg-server.py")
    process = try ChildProcess(
      "/usr/bin/python3", arguments: [script.path, String(port), picture.path], environment: ["LC_ALL=C.UTF-8"],
      files: (nowhere, nowhere, nowhere))
  }

  var isRunning: Bool { process != nil }

  func die() {
    process?.kill()
    process = nil
  }

  func hang() { process.map { _ = kill($0.id, SIGSTOP) } }
}

/// What one attempt at a source holds on to: its connection, and a process with the thread that waits for its end.
final class Attempt {
  private weak var reader: VideoReader?
  private let process: ChildProcess

  init(_ reader: VideoReader) {
    self.reader = reader
    process = reader.process
  }

  var isGone: Bool { reader == nil && process.hasEnded }
}
