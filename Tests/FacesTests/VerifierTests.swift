import Faces
import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

@Suite("Comparing two pictures", .serialized)
struct VerifierTests {
  private static let shared = Result {
    let models = try Models.find()
    return Verifier(try FaceEngine(models: models), try ImpostorModels(models: models))
  }

  private let verifier: Verifier

  init() throws { verifier = try Self.shared.get() }

  /// Compares in both orders, which must give the same.
  private func verify(_ first: Data, _ second: Data) throws -> Verifier.Verification {
    let (there, back) = (try verifier.verify(first, second), try verifier.verify(second, first))
    #expect((there.isSame, there.method) == (back.isSame, back.method))
    #expect(abs(there.confidence - back.confidence) < 1e-6)
    #expect(there.masks.0 == back.masks.1 && there.masks.1 == back.masks.0)
    return there
  }

  private func bare(_ file: URL) throws -> Data { try Data(contentsOf: file) }

  private func masked(_ file: URL, seed: UInt64 = 3) throws -> Data {
    try Pictures.masked(file, MaskRenderer(style: .surgical, seed: seed)).encoded(as: .png)
  }

  @Test("two pictures of one bare face are one person's, and of two faces two people's")
  func bareFaces() throws {
    let same = try verify(bare(Pictures.obama), bare(Pictures.obamaSpeaking))
    #expect(same.isSame && same.confidence > 0.9 && same.method == .face)
    #expect(same.masks.0.label == .none && same.masks.1.label == .none)
    for other in [Pictures.biden, Pictures.collins] {
      let different = try verify(bare(Pictures.obama), bare(other))
      #expect(!different.isSame && different.confidence < 0.5)
    }
  }

  @Test("a covered face is compared by what is free, whichever picture it is in")
  func oneCovered() throws {
    let same = try verify(bare(Pictures.obama), masked(Pictures.obama))
    #expect(same.isSame && same.method == .periocular)
    #expect(same.masks.0.label == .none && same.masks.1.label == .mask)
    #expect(try !verify(bare(Pictures.collins), masked(Pictures.obama)).isSame)
  }

  @Test("so are two covered ones")
  func bothCovered() throws {
    let same = try verify(masked(Pictures.obama), masked(Pictures.obama, seed: 8))
    #expect(same.isSame && same.method == .periocular)
    #expect(same.masks.0.label.isCovered && same.masks.1.label.isCovered)
    #expect(try !verify(masked(Pictures.biden), masked(Pictures.obama)).isSame)
  }

  @Test("a picture without a face, and bytes that are no picture, are told")
  func unusable() throws {
    let empty = try Image(rgb: [UInt8](repeating: 90, count: 200 * 200 * 3), width: 200, height: 200)
    let nobody = try empty.encoded(as: .png)
    #expect(throws: Verifier.NoFace.self) { try verifier.verify(bare(Pictures.obama), nobody) }
    #expect(throws: Verifier.NoFace.self) { try verifier.verify(nobody, bare(Pictures.obama)) }
    #expect(throws: PhotoError.self) { try verifier.verify(bare(Pictures.obama), Data("x".utf8)) }
  }
}
