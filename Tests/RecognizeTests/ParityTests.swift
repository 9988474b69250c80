import DlibReference
import Foundation
import TestResources
import Testing
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

  /// As dlib scans: the picture as it is, at dlib's own threshold.
  private let asDlib = Detector.Options(
    threshold: 0, minimumFace: Detector.dlibMinimumFace, maximumPixels: .max)

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

  private func expectSameBoxes(_ images: [Image]) throws {
    let dlib = try DlibDetector(folder: folder)
    var (count, worst, extra) = (0, 1.0, 0)
    for image in images {
      let theirs = try image.withPixels { try dlib.detect($0, width: image.width, height: image.height) }
      let ours = try recognizer.detector.detect(in: image, options: asDlib)
      for box in theirs {
        let rect = Rect(x: Double(box.left), y: Double(box.top), width: Double(box.width), height: Double(box.height))
        count += 1
        worst = min(worst, ours.map { $0.box.overlap(rect) }.max() ?? 0)
      }
      extra += ours.count - theirs.count
    }
    print(
      "detector: \(images.count) pictures, \(count) of dlib's boxes, least overlap \(worst), \(extra) boxes more than dlib"
    )
    #expect(count > 0)
    #expect(worst >= 0.98)
  }

  @Test("the encoder gives dlib's embeddings of the portraits that set-up fetched")
  func encoderOnPortraits() throws {
    try expectSameEmbeddings(
      Self.pictures.map { file in
        let image = try image(file)
        return try #require(Recognizer.main(of: recognizer.faces(in: image), in: image)).chip
      })
  }

  @Test("the detector finds every box that dlib finds in the portraits, at dlib's threshold, and no other")
  func detectorOnPortraits() throws {
    let images = try Self.pictures.map(image)
    let reduced = try images.map { try $0.resized(width: $0.width / 2, height: $0.height / 2) }
    try expectSameBoxes(reduced)
  }

  @Test(
    "the encoder gives dlib's embeddings of 220 faces",
    .enabled(if: EvaluationData.folder("lfw-dev") != nil, Comment(rawValue: EvaluationData.hint)))
  func encoderOnManyFaces() throws {
    let chips = try photos("lfw-dev/images", count: 220).compactMap { image in
      Recognizer.main(of: try recognizer.faces(in: image, options: asDlib), in: image)?.chip
    }
    #expect(chips.count >= 200)
    try expectSameEmbeddings(chips)
  }

  @Test(
    "the detector finds every box that dlib finds in portraits and street pictures",
    .enabled(if: EvaluationData.folder("scenes") != nil, Comment(rawValue: EvaluationData.hint)))
  func detectorOnManyPictures() throws {
    try expectSameBoxes(photos("lfw-dev/images", count: 170) + photos("scenes", count: 40))
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
