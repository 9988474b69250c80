import Dispatch
import Faces
import Foundation
import Recognize
import TestResources
import Testing
import Values
import Vision

// From here to the next line of this kind, docs/architecture.md has the same. ----
/// Runs blocking work away from Swift's cooperative pool.
func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: .init(catching: work)) }
  }
}
// ----

@Suite("Calling Rollcall from an async program")
struct AsyncCallerTests {
  @Test("an async caller gets faces and errors, and the documentation shows how")
  func example() async throws {
    let engine = try FaceEngine(models: Models.find())
    let image = try Photo(decoding: Photo.read(Pictures.obama.path)).image
    let faces = try await offPool { try engine.finder.faces(in: image) }
    #expect(faces.count == 1)
    await #expect(throws: PhotoError.self) { try await offPool { try Photo.read("/nowhere") } }

    let here = try String(contentsOfFile: #filePath, encoding: .utf8).components(separatedBy: "----\n")
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/architecture.md")
    let example = here[1].components(separatedBy: "// ").dropLast().joined(separator: "// ")
    #expect(try String(contentsOf: page, encoding: .utf8).contains(example))
  }
}
