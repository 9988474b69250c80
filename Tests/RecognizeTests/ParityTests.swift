import DlibReference
import Foundation
import TestResources
import Testing
import Values
import Vision

@testable import Recognize

/// Rollcall's networks against dlib's own, run by dlib on the same pixels.
@Suite("Parity with dlib", .serialized)
struct ParityTests {
  private let recognizer: Recognizer
  private let folder: URL

  init() throws {
    recognizer = try Shared.recognizer.get()
    folder = try #require(DlibReference.folder(), "dlib's own models are missing: run make setup")
  }

  private static let pictures = [
    Pictures.obama, Pictures.obamaSpeaking, Pictures.obamaStanding, Pictures.biden, Pictures.collins,
  ]

  private func image(_ file: URL) throws -> Image { try Photo(decoding: Photo.read(file.path)).image }

  private func expectSameEmbeddings(_ chips: [Chip]) throws {
    let dlib = try DlibEncoder(folder: folder)
    var worst = 0.0
    for start in stride(from: 0, to: chips.count, by: 16) {
      let batch = Array(chips[start..<min(start + 16, chips.count)])
      let expected = try dlib.encode(batch.flatMap(\.rgb), count: batch.count)
      for (ours, theirs) in zip(try recognizer.encoder.encode(batch), expected) {
        worst = max(worst, Double(ours.distance(to: try #require(Embedding(theirs)))))
      }
    }
    print("encoder: \(chips.count) faces, largest distance to dlib's embedding \(worst)")
    #expect(worst < 1e-4)
  }

  /// Every face that dlib finds is found, and framed so that dlib's landmarks fit: boxes of dlib's come in steps of a
  /// fifth in size, so that two good ones may differ.
  private func expectItsFaces(_ images: [Image]) throws {
    let dlib = try DlibDetector(folder: folder)
    var (count, found, overlaps) = (0, 0, 0.0)
    for image in images {
      let theirs = try image.withPixels { try dlib.detect($0, width: image.width, height: image.height) }
      let ours = try recognizer.detector.detect(in: image)
      for face in theirs {
        count += 1
        let overlap = ours.map { $0.box.overlap(face.box) }.max() ?? 0
        found += overlap >= 0.4 ? 1 : 0
        overlaps += overlap
      }
    }
    print(
      "detector: \(images.count) pictures, \(found) of dlib's \(count) faces, mean overlap "
        + "\(overlaps / Double(max(1, count)))"
    )
    #expect(count > 0)
    #expect(Double(found) >= 0.99 * Double(count))
    #expect(overlaps >= 0.7 * Double(count))
  }

  @Test("the encoder gives dlib's embeddings of the portraits that set-up fetched")
  func encoderOnPortraits() throws {
    try expectSameEmbeddings(
      Self.pictures.map { file in
        let image = try image(file)
        return try #require(Recognizer.main(of: recognizer.faces(in: image), in: image)).chip
      })
  }

  @Test("the detector finds and frames every face that dlib finds in the portraits")
  func detectorOnPortraits() throws {
    let images = try Self.pictures.map(image)
    let reduced = try images.map { try $0.resized(width: $0.width / 2, height: $0.height / 2) }
    try expectItsFaces(reduced)
  }

  @Test(
    "the encoder gives dlib's embeddings of 220 faces",
    .enabled(if: EvaluationData.folder("lfw-dev") != nil, Comment(rawValue: EvaluationData.hint)))
  func encoderOnManyFaces() throws {
    let chips = try photos("lfw-dev/images", count: 220).compactMap { image in
      Recognizer.main(of: try recognizer.faces(in: image), in: image)?.chip
    }
    #expect(chips.count >= 200)
    try expectSameEmbeddings(chips)
  }

  @Test(
    "the detector finds and frames the faces that dlib finds in portraits and street pictures",
    .enabled(if: EvaluationData.folder("scenes") != nil, Comment(rawValue: EvaluationData.hint)))
  func detectorOnManyPictures() throws {
    try expectItsFaces(photos("lfw-dev/images", count: 170) + photos("scenes", count: 40))
  }

  private func photos(_ set: String, count: Int) throws -> [Image] {
    let root = try #require(EvaluationData.folder(set))
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)).allObjects
      .compactMap { ($0 as? URL)?.path }.filter { $0.hasSuffix(".jpg") }.sorted()
    // Spread over the set, the same ones every time.
    return try stride(from: 0, to: files.count, by: max(1, files.count / count)).prefix(count).map {
      try Photo(decoding: Photo.read(files[$0])).image
    }
  }
}
