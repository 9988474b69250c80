import Foundation
import Recognize
import TestResources
import Testing

@testable import Vision

@Suite("The faster arithmetic")
struct PrecisionTests {
  private func file(_ folder: TemporaryFolder) -> URL { folder.url.appendingPathComponent("precision.json") }

  private func choices(_ folder: TemporaryFolder) throws -> [String: String] {
    try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file(folder)))
  }

  private func load(_ folder: TemporaryFolder, cached: Bool = true) throws -> Network {
    try Network(
      contentsOf: Models.find().url(.faceEncoder), typical: [1, 150, 150, 3],
      options: Network.Options(threads: 1, precision: .fastest, cache: cached ? folder.url : nil))
  }

  private func answer(_ network: Network) throws -> [Float] {
    let bytes = (0..<(150 * 150 * 3)).map { UInt8($0 % 251) }
    return try bytes.withUnsafeBufferPointer { try network.run($0, shape: [1, 150, 150, 3]) }.values
  }

  @Test("is measured once for a network and this machine, and kept", .enabled(if: Network.processorHasBFloat16))
  func kept() throws {
    let folder = try TemporaryFolder()
    let measured = try answer(load(folder))
    let choice = try #require(choices(folder).first)
    #expect(try choices(folder).count == 1 && ["f32", "bf16"].contains(choice.value))
    #expect(choice.key.contains("face-encoder.onnx") && choice.key.contains("1 thread"))
    // What is kept counts: the other arithmetic gives other digits.
    let other = choice.value == "f32" ? "bf16" : "f32"
    try JSONEncoder().encode([choice.key: other]).write(to: file(folder))
    let kept = try answer(load(folder))
    #expect(kept != measured)
    for (one, two) in zip(kept, measured) { #expect(abs(one - two) < 0.05) }
    #expect(try choices(folder) == [choice.key: other])
    // A damaged file is measured again.
    try Data("{".utf8).write(to: file(folder))
    _ = try load(folder)
    #expect(try choices(folder).count == 1)
  }

  @Test("without a folder to keep it in, 32 bits are used")
  func withoutCache() throws {
    let folder = try TemporaryFolder()
    let plain = try Network(contentsOf: Models.find().url(.faceEncoder), options: Network.Options(threads: 1))
    #expect(try answer(load(folder, cached: false)) == answer(plain))
    #expect(!FileManager.default.fileExists(atPath: file(folder).path))
  }

  @Test("a missing network is an error, not a choice")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect(throws: VisionError.self) {
      try Network(
        contentsOf: folder.url.appendingPathComponent("nothing.onnx"), typical: [1, 8, 8, 3],
        options: Network.Options(precision: .fastest, cache: folder.url))
    }
  }
}
